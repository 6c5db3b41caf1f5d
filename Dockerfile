FROM golang:1.26 AS build
COPY . /src
RUN cd /src && CGO_ENABLED=0 go build -tags static -buildvcs=false -o /noiseprobe ./cmd/noiseprobe
FROM scratch
COPY --from=build /noiseprobe /noiseprobe
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
ENTRYPOINT ["/noiseprobe"]
