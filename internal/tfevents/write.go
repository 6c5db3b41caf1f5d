package tfevents

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// mark is part of the name of every event file; TensorBoard looks for it.
const mark = ".tfevents."

// Numbers of fields in the messages.
const (
	eventTime, eventStep, eventVersion, eventSummary     = 1, 2, 3, 5
	eventSession, sessionStatus, sessionStart            = 7, 1, 1
	summaryValue                                         = 1
	valueTag, valueSimple, valueTensor, valueMetadata    = 1, 2, 8, 9
	metadataPlugin, pluginName                           = 1, 1
	tensorType, tensorContent, tensorHalfs, tensorFloats = 1, 4, 13, 5
	tensorDoubles, tensorInts, tensorLongs               = 6, 7, 10
)

// Writer appends scalars to an event file.
type Writer struct {
	file *os.File
}

// Create makes a new event file in a directory, which must exist. Readers take the files of a directory in the order of their names,
// which begin with the time; a second one of the same second gets a later name. Where the steps of a training go on from one that is not 0,
// TensorBoard drops what earlier files have from there on.
func Create(dir string, now time.Time, step int64) (*Writer, error) {
	host, err := os.Hostname()
	if err != nil || strings.ContainsAny(host, `/\`) {
		host = "localhost"
	}
	for i := 0; ; i++ {
		name := fmt.Sprintf("events.out.tfevents.%010d.%s.%d.%d", now.Unix(), host, os.Getpid(), i)
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if os.IsExist(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		w := &Writer{f}
		if err := w.begin(now, step); err != nil {
			f.Close()
			return nil, err
		}
		return w, nil
	}
}

func (w *Writer) begin(now time.Time, step int64) error {
	version := protowire.AppendTag(event(now, 0), eventVersion, protowire.BytesType)
	err := w.write(protowire.AppendString(version, "brain.Event:2"))
	if err != nil || step == 0 {
		return err
	}
	start := protowire.AppendVarint(protowire.AppendTag(nil, sessionStatus, protowire.VarintType), sessionStart)
	session := protowire.AppendTag(event(now, step), eventSession, protowire.BytesType)
	return w.write(protowire.AppendBytes(session, start))
}

// Close closes the file.
func (w *Writer) Close() error { return w.file.Close() }

// Write appends the values of series at one step, as one record that is whole for whoever reads meanwhile, or cut off. Tag and Value of a
// [Scalar] count. What is not finite is written as it is.
func (w *Writer) Write(now time.Time, step int64, scalars ...Scalar) error {
	var summary []byte
	for _, s := range scalars {
		value := protowire.AppendTag(nil, valueTag, protowire.BytesType)
		value = protowire.AppendString(value, s.Tag)
		value = protowire.AppendTag(value, valueSimple, protowire.Fixed32Type)
		value = protowire.AppendFixed32(value, math.Float32bits(float32(s.Value)))
		summary = protowire.AppendTag(summary, summaryValue, protowire.BytesType)
		summary = protowire.AppendBytes(summary, value)
	}
	message := protowire.AppendTag(event(now, step), eventSummary, protowire.BytesType)
	return w.write(protowire.AppendBytes(message, summary))
}

// event begins a message.
func event(now time.Time, step int64) []byte {
	b := protowire.AppendTag(nil, eventTime, protowire.Fixed64Type)
	b = protowire.AppendFixed64(b, math.Float64bits(float64(now.UnixNano())/1e9))
	b = protowire.AppendTag(b, eventStep, protowire.VarintType)
	return protowire.AppendVarint(b, uint64(step))
}

func (w *Writer) write(message []byte) error {
	_, err := w.file.Write(appendRecord(nil, message))
	return err
}
