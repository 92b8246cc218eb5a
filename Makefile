# The two commands of the README are `make demo` and `make test`. Everything needs only Go; the tests install Debian
# packages that are missing, as root or through sudo.

export CGO_ENABLED ?= 0
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
DEMO ?=
DURATION ?= 10m
SEED ?= 0
SERVERS ?= 0
STORM ?=
BENCH ?=
TESTFLAGS ?=
PACKAGES ?= ./...
TIME ?= 30s
TARGETS ?= .
SEEDS ?= 200

.PHONY: release release-check test-install test-systemd build demo test race sim sim-sabotage lint fmt bench bench-quiet bench-compare bench-edits bench-pages storm fuzz clean test-packages

build:
	@echo "building bin/zonefleet (the first time takes a few minutes: it compiles every dependency)"
	@go build -trimpath -ldflags '$(LDFLAGS)' -o bin/zonefleet ./cmd/zonefleet

demo: build
	@exec ./bin/zonefleet demo $(DEMO)

test-packages:
	@tools/test-packages

test: test-packages
	go test -count=1 -timeout 20m $(TESTFLAGS) $(PACKAGES)

# Boots Debian with systemd in three containers: as root, with debootstrap and systemd-nspawn (systemd-container). ZONEFLEET_DEBIAN
# names a tree that debootstrap has made, so that it need not be made again. TESTFLAGS=-run=... chooses one of the stories.
test-systemd:
	go test -count=1 -timeout 40m -tags systemd -run 'OnFreshDebian|FromThePreviousRelease' -v $(TESTFLAGS) ./test

# The race detector needs cgo and a C compiler; the product never does.
race:
	@$(MAKE) test CGO_ENABLED=1 TESTFLAGS="-race -timeout 30m $(TESTFLAGS)"

# Random runs of the simulated cluster, from seed SEED on. One that goes wrong is named at once, and its steps are printed at the
# end. 10,000 take half an hour of a processor's time. The program is built first, because go test keeps back what is printed.
sim:
	@go test -c -o bin/sim.test ./internal/sim
	@cd internal/sim && exec ../../bin/sim.test -test.run '^TestRandom$$' -test.timeout 0 -seeds $(SEEDS) -seed $(SEED) $(TESTFLAGS)

# Servers with one rule made wrong, each of which the simulation must find: what proves nothing cannot fail.
sim-sabotage:
	go test -count=1 -timeout 0 ./internal/sim -run '^TestTheSimulationFindsABrokenRule$$' -sabotage -v $(TESTFLAGS)

lint:
	go vet ./...
	go vet -tags systemd ./test
	go tool -modfile=tools/go.mod staticcheck ./...
	@unformatted=$$(go tool -modfile=tools/go.mod gofumpt -l $$(git ls-files '*.go' ':!*_templ.go')); \
	if [ -n "$$unformatted" ]; then echo "not gofumpt-formatted: $$unformatted"; exit 1; fi

fmt:
	go tool -modfile=tools/go.mod gofumpt -w $$(git ls-files '*.go' ':!*_templ.go')

bench: build
	go run ./bench

# What a cluster of 5 with 100,000 zones costs that nobody uses, and what 24,000 edits a minute for ten minutes leave behind.
bench-quiet: build
	go run ./bench -what quiet $(BENCH)

bench-compare: build
	go run ./bench -what compare $(BENCH)

bench-edits: build
	go run ./bench -what edits $(BENCH)

# How long each page takes at 100,000 zones with five members, one of them down, and how much its first view loads.
bench-pages: build
	go run ./bench -what pages $(BENCH)

# Real processes that are edited while they are killed, cut off, rolled back (docs/storm.md). Exits with 1 when something is lost.
storm: build
	@go build -trimpath -o bin/storm ./storm
	@exec ./bin/storm -duration $(DURATION) -seed $(SEED) -servers $(SERVERS) $(STORM)

# A picture of each page at 1280 and 360 pixels, of a cluster in which there is something to see.
.PHONY: screenshots
screenshots: test-packages
	@mkdir -p docs/screenshots
	go test -count=1 -timeout 10m ./test -run '^TestScreenshots$$' -screenshots "$(CURDIR)/docs/screenshots"

# Every fuzz target in turn: make fuzz TIME=30s TARGETS=FuzzName
fuzz:
	@tools/fuzz $(TIME) '$(TARGETS)'

# Everything that a release consists of, in dist/. VERSION and ARCH (amd64,arm64) may be given.
release:
	@VERSION='$(VERSION)' ARCH='$(ARCH)' tools/make-release

# The same commit built in two folders gives the same bytes; the packages install, upgrade and go without a trace. As root.
release-check:
	@tools/release-check

test-install:
	@tools/test-install

clean:
	rm -rf bin dist
