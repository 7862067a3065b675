# Everything is built with Go alone; a C compiler, where there is one, is used for the race detector only.
GO       ?= go
# One set of flags for building, vetting and testing: packages are compiled once. CGO is off but for the race detector.
export GOFLAGS := $(shell $(GO) env GOFLAGS) -trimpath
export CGO_ENABLED := 0
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS  := -s -w -X main.version=$(VERSION)
RACE     := $(shell command -v gcc >/dev/null 2>&1 && echo -race)
RACEENV  := $(if $(RACE),CGO_ENABLED=1)
CLUSTER  := bin/cluster
DEMO     := .cluster
TESTDIR  := .cluster/test
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2

.PHONY: build cluster demo test unit integration lint bench generate clean

## build: the product, bin/vmdeck
build:
	@mkdir -p bin
	$(GO) build -ldflags '$(LDFLAGS)' -o bin/vmdeck .

## cluster: the control plane for demo and tests, bin/cluster (minutes when nothing is cached)
cluster:
	@mkdir -p bin
	@echo "building the test control plane: seconds when cached, about 7 minutes on two cores when not"
	@cd testdata/cluster && $(GO) build -v -ldflags '-s -w' -o ../../$(CLUSTER).new . 2>&1 \
		| awk '/^[a-z0-9.-]+\.[a-z]+\/|^k8s|^vmdeck/ { if (++n % 50 == 0) { printf "  %d packages built\n", n; fflush() } ; next } { print }'
	@mv $(CLUSTER).new $(CLUSTER)

## demo: build both programs, start the control plane with about 40 VMs, open vmdeck as power-user. KEEP=1 leaves it running.
demo: build cluster
	@testdata/demo.sh $(CLUSTER) bin/vmdeck $(DEMO)

## test: unit tests, golden frames, property tests, and the integration tests on the real control plane
test: unit integration

unit:
	$(RACEENV) $(GO) test $(RACE) ./...
	cd testdata/cluster && $(GO) test ./...

# One package at a time: they share the cluster, and one test stops its API server.
integration: build cluster
	@testdata/with-cluster.sh $(CLUSTER) $(TESTDIR) $(GO) test -count=1 -p 1 -timeout 30m -run Integration . ./kube/... ./views/...

## lint: formatting, vet, staticcheck, generated files
lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); echo "run gofmt -w on these files"; exit 1; }
	$(GO) vet ./...
	cd testdata/cluster && $(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...

## bench: speed on 10,000 VMs, as a table
bench: build cluster
	$(GO) run ./testdata/bench -cluster $(CLUSTER) -vmdeck bin/vmdeck

## generate: what is derived from code: role objects, README tables
generate:
	$(GO) generate ./...
	$(GO) test . -run TestReadmeTables -update

clean:
	-$(CLUSTER) down --dir $(DEMO) --purge
	rm -rf bin $(DEMO)
