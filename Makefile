# Each target is one command; .ci/run is all of them and more.

.PHONY: test short race lint generate bench notebook ci

test:
	go test ./... && go -C tools test ./...

short:
	go test -short ./... && go -C tools test -short ./...

race:
	go test -race -short ./... && go -C tools test -race -short ./...

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... ./.ci && go -C tools vet ./... && \
		go tool -modfile=tools/go.mod staticcheck ./... ./.ci && go -C tools tool staticcheck ./...

generate:
	go generate ./...

bench:
	go test -run='^$$' -bench=. ./...

notebook:
	notebooks/execute.sh -write

ci:
	bash .ci/run
