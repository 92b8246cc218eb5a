package digest

// The bounds of one question and its answer. An answer has a few dozen octets for each piece.
const (
	MaxBranches = 1024   // in a question
	MaxPieces   = 20_000 // branches and zones in an answer, unless a single branch has more below it
)

// Question asks what is below some branches, unless that is what the asker has too.
type Question struct {
	By By
	// Owners, if there are any, are the accounts whose zones alone are compared: the link's scope.
	Owners   []string
	Branches []Known // with what the asker has there
}

// Part answers one branch of a question.
type Part struct {
	Equal bool
	Left  bool    // there was no room for it: ask again
	Below []Known // of a branch that is no bucket
	Zones []Leaf  // of a bucket
}

// Source is one side's zones, as far as the other may see them.
type Source interface {
	Total(b Branch, by By) (Total, error)
	Below(b Branch, by By) ([]Known, error)
	// Zones lists the zones below some branches, none of which is below another, in any order.
	Zones(branches []Branch, by By) (map[Branch][]Leaf, error)
}

// Answer answers a question, a part for each branch in order.
func Answer(s Source, q Question) ([]Part, error) {
	parts := make([]Part, len(q.Branches))
	room := MaxPieces
	var buckets []Branch
	for i, b := range q.Branches {
		total, err := s.Total(b.Branch, q.By)
		if err != nil {
			return nil, err
		}
		first := room == MaxPieces
		switch {
		case total == b.Total:
			parts[i].Equal = true
		case room <= 0 || b.Level == Bucket && total.Zones > room && !first:
			parts[i].Left = true
		case b.Level == Bucket:
			buckets = append(buckets, b.Branch)
			room -= max(total.Zones, 1)
		default:
			if parts[i].Below, err = s.Below(b.Branch, q.By); err != nil {
				return nil, err
			}
			room -= max(len(parts[i].Below), 1)
		}
	}
	if len(buckets) == 0 {
		return parts, nil
	}
	zones, err := s.Zones(buckets, q.By)
	if err != nil {
		return nil, err
	}
	for i, b := range q.Branches {
		parts[i].Zones = zones[b.Branch]
	}
	return parts, nil
}
