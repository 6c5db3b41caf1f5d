package jsonfile

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
)

// complete says which key a text lacks of those that v always writes. Keys that have to be there but may be of no use have null.
func complete(text []byte, v any) error {
	text, _, err := open(text)
	if err != nil {
		return err
	}
	if key := missing(text, reflect.TypeOf(v).Elem(), ""); key != "" {
		return fmt.Errorf("has no %s", strings.TrimPrefix(key, "."))
	}
	return nil
}

// missing is the first key of those of a type that its text lacks, with the way to it; empty where there is none.
func missing(text []byte, t reflect.Type, at string) string {
	switch t.Kind() {
	case reflect.Slice:
		var items []json.RawMessage
		if json.Unmarshal(text, &items) != nil {
			return "" // bytes
		}
		for i, item := range items {
			if key := missing(item, t.Elem(), fmt.Sprintf("%s[%d]", at, i)); key != "" {
				return key
			}
		}
	case reflect.Struct:
		return missingField(text, t, at)
	}
	return ""
}

func missingField(text []byte, t reflect.Type, at string) string {
	var given map[string]json.RawMessage
	if json.Unmarshal(text, &given) != nil {
		return "" // a type with a form of its own, such as a time
	}
	for field := range t.Fields() {
		if !field.IsExported() {
			continue
		}
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		value, there := given[name]
		if !there && options == "omitempty" {
			continue
		}
		if !there || string(value) == "null" && !mayBeNull(field.Type) {
			return at + "." + name
		}
		if key := missing(value, field.Type, at+"."+name); key != "" {
			return key
		}
	}
	return ""
}

func mayBeNull(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return true
	}
	return false
}
