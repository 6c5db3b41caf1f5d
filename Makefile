# Each target is one command; .ci/run is all of them and more.

.PHONY: test short race lint generate bench notebook ci

test:
	go test ./...

short:
	go test -short ./...

race:
	go test -race -short ./...

lint:
	test -z "$$(gofmt -l . | tee /dev/stderr)" && go vet ./... ./.ci && go tool -modfile=tools/go.mod staticcheck ./... ./.ci

generate:
	go generate ./...

bench:
	go test -run='^$$' -bench=. ./...

notebook:
	notebooks/execute.sh -write

ci:
	bash .ci/run
