# make            release build of wg, in .build/release
# make install    binary, manual and completions, under DESTDIR and PREFIX
# make demo       a tunnel between two network namespaces, configured by our wg
# make test       everything that must hold; says how many tests were skipped and why
# make bench      ratios to the reference wg
# make fuzz       the fuzzers, FUZZ_SECONDS each
# make format     the house's layout

PREFIX ?= /usr/local
DESTDIR ?=
SWIFT ?= swift
FUZZ_SECONDS ?= 300

# The C++ runtime is linked in, what nobody calls left out, and relocations packed: each shared
# library and each page of relocations would cost start-up time.
LINK = .build/link
RELEASE = -c release --product wg --static-swift-stdlib -Xswiftc -use-ld=lld \
	-Xlinker -L$(LINK) -Xswiftc -Xclang-linker -Xswiftc -static-libgcc \
	-Xlinker --gc-sections -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -s

BUILD_NEEDS = g++ pkg-config libmnl-dev libsodium-dev
DEMO_NEEDS = $(BUILD_NEEDS) iproute2 iputils-ping wireguard-go
TEST_NEEDS = $(DEMO_NEEDS) wireguard-tools bash bash-completion zsh fish mandoc patchelf kmod cpio xz-utils \
	busybox-static qemu-system-x86 util-linux

.PHONY: all build install demo test bench fuzz format
.NOTPARALLEL:

all: build

build:
	@Tests/need $(BUILD_NEEDS)
	@mkdir -p $(LINK)
	@ln -sf "$$(g++ -print-file-name=libstdc++.a)" $(LINK)/
	$(SWIFT) build $(RELEASE)

install: build
	install -D -m 755 .build/release/wg $(DESTDIR)$(PREFIX)/bin/wg
	install -D -m 644 man/wg.8 $(DESTDIR)$(PREFIX)/share/man/man8/wg.8
	install -D -m 644 completions/wg.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/wg
	install -D -m 644 completions/_wg $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_wg
	install -D -m 644 completions/wg.fish $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/wg.fish

demo:
	@Tests/need $(DEMO_NEEDS)
	@$(MAKE) --no-print-directory build
	Tests/Demo/demo .build/release/wg

test:
	@Tests/need $(TEST_NEEDS)
	@$(MAKE) --no-print-directory build
	Tests/run

bench:
	@Tests/need $(TEST_NEEDS)
	@$(MAKE) --no-print-directory build
	Benchmarks/run

fuzz:
	@Tests/need $(BUILD_NEEDS)
	Tests/Fuzz/run $(FUZZ_SECONDS)

format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests
