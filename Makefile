# make            release build of wg, wg-quick and wireguard-swift, in .build/release
# make install    programs, manuals, completions and systemd units, under DESTDIR and PREFIX
# make demo       a tunnel of ours between two network namespaces, configured by our wg
# make check      layout of the sources, their imports and the unit tests: a minute or two once it is built
# make test       everything that must hold; says how many tests were skipped and why
# make bench      ratios to the reference wg and to wireguard-go
# make fuzz       the fuzzers, FUZZ_SECONDS each
# make format     the house's layout

PREFIX ?= /usr/local
DESTDIR ?=
UNITS ?= $(PREFIX)/lib/systemd/system
SWIFT ?= swift
FUZZ_SECONDS ?= 300

# What makes a short program start late is left out: shared libraries (the C++ runtime and libsodium are
# linked in), code that nobody calls, relocations (each touches a page; PIE=1 brings them back, with a
# random address for our own code), and code scattered over many pages (Benchmarks/symbol-order,
# which Benchmarks/order-symbols writes).
LINK = .build/link
SCRATCH ?= .build
STRIP ?= -s
PIE ?=
linker = $(foreach flag,$(1),-Xlinker $(flag))
driver = $(foreach flag,$(1),-Xswiftc -Xclang-linker -Xswiftc $(flag))
RELEASE = -c release --scratch-path $(SCRATCH) --static-swift-stdlib --disable-local-rpath \
	-Xswiftc -use-ld=lld \
	$(call driver,-static-libgcc $(if $(PIE),,-no-pie)) \
	$(call linker,-L$(LINK) --gc-sections --no-export-dynamic $(STRIP) $(if $(PIE),-z pack-relative-relocs) \
		--symbol-ordering-file=Benchmarks/symbol-order --no-warn-symbol-ordering)

BUILD_NEEDS = g++ pkg-config libmnl-dev libsodium-dev libssl-dev
PROGRAMS = wg wg-quick wireguard-swift
# Test targets that start no program and need no rights.
UNIT_TESTS = ArchitectureTests ByteTextTests LinuxNetlinkTests WireGuardControlTests WireGuardKeysTests \
	WireGuardModelTests WireGuardProtocolTests WireGuardQuickTests WireGuardTextTests
DEMO_NEEDS = $(BUILD_NEEDS) iproute2 iputils-ping iperf3
TEST_NEEDS = $(DEMO_NEEDS) wireguard-tools wireguard-go nftables iptables procps bash bash-completion zsh fish mandoc patchelf kmod cpio xz-utils \
	busybox-static qemu-system-x86 util-linux netbase socat systemd bird2

.PHONY: all build install install-units demo check test bench fuzz format
.NOTPARALLEL:

all: build

build: $(LINK)/libsodium.pc
	$(foreach program,$(PROGRAMS),PKG_CONFIG_PATH=$(CURDIR)/$(LINK) $(SWIFT) build $(RELEASE) --product $(program) &&) true

$(PROGRAMS:%=.build/release/%):
	@$(MAKE) --no-print-directory build

# A folder with nothing but the static libraries, which the linker searches first.
$(LINK)/libsodium.pc: Makefile
	@Tests/need $(BUILD_NEEDS)
	@mkdir -p $(LINK)
	@ln -sf "$$(g++ -print-file-name=libstdc++.a)" "$$(g++ -print-file-name=libsodium.a)" $(LINK)/
	@printf 'Name: libsodium\nDescription: linked in\nVersion: %s\nLibs: -L%s -lsodium\n' \
		"$$(pkg-config --modversion libsodium)" "$(CURDIR)/$(LINK)" >$@

# Builds only where nothing was built: root often has no Swift in its PATH.
install: $(PROGRAMS:%=.build/release/%) $(PROGRAMS:%=install-%) install-units
	install -D -m 644 man/wireguard-ha.7 $(DESTDIR)$(PREFIX)/share/man/man7/wireguard-ha.7

install-%:
	install -D -m 755 .build/release/$* $(DESTDIR)$(PREFIX)/bin/$*
	install -D -m 644 man/$*.8 $(DESTDIR)$(PREFIX)/share/man/man8/$*.8
	install -D -m 644 completions/$*.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$*
	install -D -m 644 completions/_$* $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_$*
	install -D -m 644 completions/$*.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/$*.fish

# The units name programs where PREFIX has them.
install-units:
	install -d $(DESTDIR)$(UNITS)
	for unit in systemd/*; do \
		sed 's|/usr/local/bin/|$(PREFIX)/bin/|' "$$unit" >"$(DESTDIR)$(UNITS)/$${unit##*/}" && \
		chmod 644 "$(DESTDIR)$(UNITS)/$${unit##*/}" || exit; \
	done

demo:
	@Tests/need $(DEMO_NEEDS)
	@$(MAKE) --no-print-directory build
	Tests/Demo/demo .build/release/wg .build/release/wireguard-swift

check:
	@Tests/need $(BUILD_NEEDS)
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Benchmarks
	WIREGUARD_TESTS="$(UNIT_TESTS)" $(SWIFT) test --disable-xctest --scratch-path .build-check

test:
	@Tests/need $(TEST_NEEDS)
	@$(MAKE) --no-print-directory build
	Tests/run

bench:
	@Tests/need $(TEST_NEEDS)
	@$(MAKE) --no-print-directory build
	Benchmarks/wg
	Benchmarks/cipher
	Benchmarks/stages
	Benchmarks/quick
	Benchmarks/tunnel

fuzz:
	@Tests/need $(BUILD_NEEDS)
	Tests/Fuzz/run $(FUZZ_SECONDS)

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Benchmarks
