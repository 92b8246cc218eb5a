package api

// LogLevels says from which severity on lines go to the log.
type LogLevels struct {
	Level    string            `json:"level" enum:"debug,info,warn,error" doc:"of packages that have none of their own"`
	Packages map[string]string `json:"packages" doc:"of every package that writes"`
}

// LogLevel changes what goes to the log, until the next reload or start.
type LogLevel struct {
	Package string `json:"package,omitempty" doc:"absent: all packages"`
	Level   string `json:"level" enum:"debug,info,warn,error"`
}

// Reloaded says what a configuration that was read again changed.
type Reloaded struct {
	Changed   []ConfigValue `json:"changed" doc:"in effect now"`
	NextStart []ConfigValue `json:"next_start" doc:"differs from what the server runs with, and takes effect when it starts again"`
}

// ConfigValue is a key of the configuration.
type ConfigValue struct {
	Key   string `json:"key"`
	Value string `json:"value"`
	From  string `json:"from" doc:"file and line, flag, or variable"`
}
