package test

import "flag"

var walkPictures = flag.String("walk-pictures", "", "folder for a picture of each step of the walk; empty: none is taken")
