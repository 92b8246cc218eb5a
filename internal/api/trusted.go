package api

// TrustedIPs is the addresses at which nameservers of this cluster answer, and the rule for zones that are delegated elsewhere.
type TrustedIPs struct {
	Addresses []TrustedIP    `json:"addresses"`
	Rule      DelegationRule `json:"rule"`
}

// TrustedIP is one of them.
type TrustedIP struct {
	Address string   `json:"address"`
	Sources []string `json:"sources,omitempty" doc:"servers that state it; it goes with them"`
	ByHand  bool     `json:"by_hand"`
	Note    string   `json:"note,omitempty"`
}

// NewTrustedIP keeps an address by hand.
type NewTrustedIP struct {
	Address string `json:"address"`
	Note    string `json:"note,omitempty" maxLength:"100"`
}

// DelegationRule says what becomes of a new zone whose delegation leads to no trusted IP. Where it is allowed, that is a warning.
type DelegationRule struct {
	AllowRemote       bool `json:"allow_remote" default:"true" doc:"zones that are delegated to other servers"`
	AllowUnregistered bool `json:"allow_unregistered" default:"true" doc:"zones that are delegated to nobody"`
}
