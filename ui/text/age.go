package text

import (
	"strconv"
	"time"
)

const (
	day  = 24 * time.Hour
	year = 365 * day
)

// Age prints a duration in the unit that matters, as kubectl's age column does: 30s, 12m, 5h, 3d, 2y45d. One unit up
// to two years keeps a column of ages still for longer than seconds behind minutes would. Below zero it is 0s, which is
// what a clock that runs late deserves.
func Age(d time.Duration) string {
	switch {
	case d < 0:
		return "0s"
	case d < 2*time.Minute:
		return unit(d, time.Second, "s")
	case d < 3*time.Hour:
		return unit(d, time.Minute, "m")
	case d < 2*day:
		return unit(d, time.Hour, "h")
	case d < 2*year:
		return unit(d, day, "d")
	case d < 8*year && d%year >= day:
		return unit(d, year, "y") + unit(d%year, day, "d")
	}
	return unit(d, year, "y")
}

func unit(d, size time.Duration, suffix string) string {
	return strconv.FormatInt(int64(d/size), 10) + suffix
}
