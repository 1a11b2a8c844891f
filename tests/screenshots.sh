#!/bin/sh
# Makes the pictures of docs/images from the program as users get it: the sample micrograph with
# one question category asked, in both themes and at two sizes.
#
#     cargo build --release && tests/screenshots.sh [PROGRAM] [FOLDER]
#
# Needs xvfb, xdotool and imagemagick. Drives the window by its keys, as docs/UI.md lists them,
# with settings of its own, so that the user's are neither read nor changed.
set -eu

program=$(realpath "${1:-target/release/askem}")
folder=${2:-docs/images}
mkdir -p "$folder"
folder=$(realpath "$folder")

if [ "${ASKEM_SHOT:-}" = "" ]; then
    for size in 1280x800 2560x1440; do
        for theme in light dark; do
            ASKEM_SHOT=$theme xvfb-run -a -s "-screen 0 ${size}x24" "$0" "$program" "$folder"
        done
    done
    exit
fi

theme=$ASKEM_SHOT
size=$(xdotool getdisplaygeometry | tr ' ' x)
home=$(mktemp -d)
export XDG_CONFIG_HOME="$home/config" XDG_DATA_HOME="$home/data"
# An askem-cuda that happens to be here would be offered.
export ASKEM_CUDA=
mkdir -p "$XDG_CONFIG_HOME" "$XDG_DATA_HOME"
"$program" &
running=$!
trap 'kill $running 2>/dev/null; wait $running 2>/dev/null || true; rm -rf "$home"' EXIT

window=
tries=0
while [ -z "$window" ]; do
    tries=$((tries + 1))
    [ $tries -le 100 ] || { echo "the window did not come up" >&2; exit 1; }
    sleep 0.2
    window=$(xdotool search --onlyvisible --name '^Askem' | head -n 1 || true)
done
# Without a window manager nobody else places the window or gives it the keyboard.
xdotool windowmove "$window" 0 0
xdotool windowsize "$window" "${size%x*}" "${size#*x}"
xdotool windowfocus "$window"
sleep 1
case $theme in
    light) xdotool key ctrl+shift+l ;;
    dark) xdotool key ctrl+shift+d ;;
esac
sleep 3 # the model loads and predicts
xdotool key alt+2
sleep 6 # the answers are written
import -window root "$home/shot.png"
# 256 colours hold greys and a few accents, and keep the file small.
convert "$home/shot.png" -strip -dither None -colors 256 -define png:compression-level=9 \
    "PNG8:$folder/window-$theme-$size.png"
echo "$folder/window-$theme-$size.png"
