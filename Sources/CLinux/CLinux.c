#include "CLinux.h"

_Static_assert(sizeof(struct nlmsghdr) == 16, "netlink message header");
_Static_assert(sizeof(struct genlmsghdr) == 4, "generic netlink header");
_Static_assert(sizeof(struct nlattr) == 4, "netlink attribute header");
_Static_assert(sizeof(struct clinux_timespec) == 16, "kernel timespec");
_Static_assert(WG_KEY_LEN == 32, "length of a WireGuard key");
