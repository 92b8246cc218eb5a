package zone

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// header is what stands between a record's owner and its data.
type header struct {
	ttl    uint32
	hasTTL bool
	typ    Type
	data   []string
}

func (p *parser) record(src *source, e entry) error {
	fields := e.fields
	if e.blank {
		if src.broken {
			return nil
		}
		if src.owner == "" {
			return errors.New("the record begins with white space, and there is no owner before it")
		}
	} else {
		owner, err := ParseNameAt(fields[0], src.origin)
		if err != nil {
			src.owner, src.broken = "", true
			return fmt.Errorf("owner: %w", err)
		}
		src.owner, src.broken = owner, false
		fields = fields[1:]
	}
	h, err := parseHeader(fields)
	if err != nil {
		return err
	}
	return p.add(src, e.line, src.owner, h)
}

// parseHeader reads TTL and class, in either order and both optional, and the type (RFC 1035 section 5.1).
func parseHeader(fields []string) (header, error) {
	var h header
	hasClass := false
	for len(fields) > 0 {
		field := fields[0]
		if !hasClass && isClass(field) {
			if !strings.EqualFold(field, "IN") && !strings.EqualFold(field, "CLASS1") {
				return h, fmt.Errorf("class %s is not served (hint: only IN is)", excerpt(field))
			}
			hasClass = true
		} else if !h.hasTTL && isDigit(field[0]) {
			ttl, err := ParseTTL(field)
			if err != nil {
				return h, fmt.Errorf("ttl: %w", err)
			}
			h.ttl, h.hasTTL = ttl, true
		} else {
			t, err := ParseType(field)
			if err != nil {
				return h, err
			}
			if t.IsMeta() {
				return h, fmt.Errorf("type %s stands only in messages, not in a zone", t)
			}
			h.typ, h.data = t, fields[1:]
			return h, nil
		}
		fields = fields[1:]
	}
	return h, errors.New("the record has no type")
}

func isClass(s string) bool {
	switch strings.ToUpper(s) {
	case "IN", "CH", "CHAOS", "HS", "HESIOD", "CS", "CSNET":
		return true
	}
	if len(s) < 6 || !strings.EqualFold(s[:5], "CLASS") {
		return false
	}
	_, err := strconv.ParseUint(s[5:], 10, 16)
	return err == nil
}

// add takes one record into the zone.
func (p *parser) add(src *source, line int, owner Name, h header) error {
	switch h.typ {
	case TypeRRSIG, TypeNSEC, TypeNSEC3, TypeNSEC3PARAM:
		// Signatures and denials belong to another signer's copy: what is served is signed here, or not at all.
		if p.dropped == nil {
			p.dropped = &Finding{File: src.name, Line: line, Owner: owner, Type: h.typ}
		}
		return nil
	}
	data, err := ParseData(h.typ, src.origin, h.data)
	if err != nil {
		return err
	}
	if h.typ.isText() {
		p.warnLongStrings(src, line, owner, h)
	}
	ttl := p.ttlOf(src, line, owner, h, data)
	key := setKey{owner, h.typ}
	set := p.sets[key]
	if set == nil {
		set = &gathered{ttl: ttl, file: src.name, line: line}
		p.sets[key] = set
		p.order = append(p.order, key)
		if h.typ == TypeSOA && p.soa.owner == "" {
			p.soa = key
		}
	}
	if set.ttl != ttl {
		set.ttl = min(set.ttl, ttl)
		set.differs = true
	}
	set.data = append(set.data, data)
	return nil
}

// ttlOf is the record's TTL: its own; else that of $TTL (RFC 2308 section 4); else the last explicit one (RFC 1035
// section 5.1); else, for a SOA that comes first, its minimum. What is found in the last way, or by default, then counts
// as if $TTL had said it, as in BIND.
func (p *parser) ttlOf(src *source, line int, owner Name, h header, data []byte) uint32 {
	switch {
	case h.hasTTL:
		p.last, p.hasLast = h.ttl, true
		return h.ttl
	case p.hasTTL:
		return p.ttl
	case p.hasLast:
		return p.last
	}
	ttl, from := uint32(fallbackTTL), "the default"
	if h.typ == TypeSOA {
		ttl, from = min(soaMinimum(data), maxTTL), "the SOA's minimum"
	}
	p.ttl, p.hasTTL = ttl, true
	p.warn(Finding{File: src.name, Line: line, Owner: owner, Type: h.typ, Message: fmt.Sprintf("no ttl is given here or before: %s, %d, is taken", from, ttl)})
	return ttl
}

// warnLongStrings tells of text that was spread over several strings: BIND refuses such a file.
func (p *parser) warnLongStrings(src *source, line int, owner Name, h header) {
	for _, field := range h.data {
		if len(field) <= 255 {
			continue
		}
		if text, err := appendUnquoted(nil, field); err == nil && len(text) > 255 {
			p.warn(Finding{File: src.name, Line: line, Owner: owner, Type: h.typ, Message: fmt.Sprintf("%s string of %d octets is split at every 255", h.typ, len(text))})
			return
		}
	}
}
