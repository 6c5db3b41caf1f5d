package filekind

import (
	"bytes"
	"encoding/binary"
	"io"
	"strings"
)

// Kind is the format of a file.
type Kind struct {
	// Name is the format as the object of a sentence, such as "a .npy array"; empty where it was not recognised.
	Name string
	// Remedy says how a file of this kind, where another one is needed, becomes one; it may be empty.
	Remedy string
}

// sniffed is the number of bytes that a format is recognised from.
const sniffed = 512

// The formats that are read here.
var (
	Array       = Kind{Name: "a .npy file"}
	Archive     = Kind{Name: "a zip archive, as .npz is"}
	Safetensors = Kind{Name: "a .safetensors file"}
)

// The formats that are not.
var (
	torch = Kind{"a file of torch.save", "in Python, load it with torch.load and write the tensors with safetensors.torch.save_file or numpy.save"}
	// Pickle is a program, and is never run.
	Pickle  = Kind{"a Python pickle, which is not opened", "in Python, write the arrays in it with numpy.save or safetensors.numpy.save_file"}
	pointer = Kind{"a Git LFS pointer and not the file itself", "git lfs pull fetches that"}
	index   = Kind{"the index of tensors in several files", "name the .safetensors files that it lists"}
	page    = Kind{"a web page, perhaps in place of a download", ""}
	utf16   = Kind{"text in UTF-16", "iconv -f UTF-16 -t UTF-8 converts it"}
	hdf5    = Kind{"an HDF5 file", "in Python, write the arrays in it with numpy.save or safetensors.numpy.save_file"}
)

// signatures are the bytes that formats begin with. The first that fits counts.
var signatures = []struct {
	start string
	kind  Kind
}{
	{"\x93NUMPY", Array},
	{"PK\x03\x04", Archive},
	{"PK\x05\x06", Archive}, // an empty one
	{"\x1f\x8b", compressed("gzip", "gunzip")},
	{"\xfd7zXZ\x00", compressed("xz", "unxz")},
	{"BZh", compressed("bzip2", "bunzip2")},
	{"\x28\xb5\x2f\xfd", compressed("zstd", "unzstd")},
	{"\xff\xfe", utf16},
	{"\xfe\xff", utf16},
	{"version https://git-lfs", pointer},
	{"\x89HDF\r\n\x1a\n", hdf5},
	{"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.", torch}, // the pickled magic number of files before version 1.6
	{"<!DOCTYPE", page},
	{"<!doctype", page},
	{"<html", page},
}

func compressed(by, tool string) Kind {
	return Kind{"compressed by " + by, tool + " unpacks it"}
}

// Of returns the format of a file that begins with these bytes; some 500 are enough.
func Of(start []byte) Kind {
	start = start[:min(len(start), sniffed)]
	for _, s := range signatures {
		if !bytes.HasPrefix(start, []byte(s.start)) {
			continue
		}
		if s.kind == Archive && isTorch(start) {
			return torch
		}
		return s.kind
	}
	switch {
	case len(start) > 8 && start[8] == '{' && binary.LittleEndian.Uint64(start) < 1<<32:
		return Safetensors
	case len(start) > 2 && start[0] == 0x80 && start[1] >= 2 && start[1] <= 5: // the opcode PROTO with its number
		return Pickle
	case bytes.HasPrefix(start, []byte("{")) && (bytes.Contains(start, []byte(`"weight_map"`)) || bytes.Contains(start, []byte(`"total_size"`))):
		return index
	case isWide(start, 0) || isWide(start, 1):
		return utf16
	}
	return Kind{}
}

// isWide reports whether every second byte, from the first or the second on, is that of a text, and the others are 0.
func isWide(start []byte, first int) bool {
	for i, b := range start {
		isText := b >= ' ' && b < 0x7f || b == '\n' || b == '\r' || b == '\t'
		if i%2 == first && !isText || i%2 != first && b != 0 {
			return false
		}
	}
	return len(start) >= 4
}

// isTorch reports whether a zip archive begins with the member that torch.save writes first.
func isTorch(start []byte) bool {
	return len(start) > 30 && bytes.Contains(start[30:min(len(start), 30+256)], []byte("/data.pkl"))
}

// At returns the format of a file from its beginning, whatever has been read of it.
func At(r io.ReaderAt) Kind {
	var start [sniffed]byte
	n, _ := r.ReadAt(start[:], 0)
	return Of(start[:n])
}

// Instead adds to the reason why a file is refused what it is instead, if that is known, and what to do.
//
//	not a safetensors file (it is a file of torch.save): in Python, ...
//	not a .npy file (bad magic): it is compressed by gzip: gunzip unpacks it
func (k Kind) Instead(reason string) string {
	if k.Name == "" {
		return reason
	}
	text := reason + " (it is " + k.Name + ")"
	if strings.HasSuffix(reason, ")") {
		text = reason + ": it is " + k.Name
	}
	if k.Remedy != "" {
		text += ": " + k.Remedy
	}
	return text
}
