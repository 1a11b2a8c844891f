#!/usr/bin/env bash
# Asks about one NFFA micrograph of each category and prints docs/TEN_CATEGORIES.md.
#
#     tests/ten_categories.sh FOLDER [PROGRAM] > docs/TEN_CATEGORIES.md
#
# FOLDER holds images.jsonl (id, file, category, part) and the images. Taken is, for each
# category, the first image of the data set in the validation part, or else in any part.
# Nothing is edited afterwards: the marks are made here. Needs jq.
set -euo pipefail
folder=$1
program=${2:-target/release/askem}

# The words by which an answer shows that it talks about a kind of structure.
words() {
    case $1 in
        Biological) echo 'cell|process|membrane|thread|plate|ridge|rod|bacteri|filament|body|bodies|organism|shell' ;;
        Fibres) echo 'fibre|strand|mat|bundle' ;;
        Films_Coated_Surface) echo 'film|coat|layer|band|surface|crack|section' ;;
        MEMS_devices_and_electrodes) echo 'finger|pad|comb|plate|beam|electrode|device|track|spring|frame|coil|spiral|membrane' ;;
        Nanowires) echo 'wire|needle|rod|pillar' ;;
        Particles) echo 'particle|sphere|grain|bead|cluster|speck' ;;
        Patterned_surface) echo 'line|hole|pillar|ring|array|pattern|grating|cross|dot|repeat' ;;
        Porous_Sponge) echo 'pore|strut|sponge|cell|foam|hole|hollow|network|wall' ;;
        Powder) echo 'grain|powder|agglomerate|lump|particle' ;;
        Tips) echo 'tip|needle|apex|cone|probe|cantilever|point' ;;
    esac
}

ask() { "$program" ask "$@" --about morphology --json --quiet; }
mark() { if "$@"; then echo right; else echo wrong; fi; }

echo '# One micrograph of each category, asked'
echo
echo 'Made by `tests/ten_categories.sh` with the factory model, not edited. For each category one micrograph of the NFFA-EUROPE data set (Aversa et al., Scientific Data 5, 180172, 2018, CC BY 4.0), the first of the validation part where there is one. The three questions of "Morphology and Structure" are asked twice: with the true category given, and without, where the model uses the category it predicts.'
echo
echo 'The marks: an answer set is right where it talks about the kind of structure (the words of the category in the script stand in its first answer); the prediction is right where it is the true category.'
right_given=0 right_bare=0 right_predicted=0 count=0
for category in Biological Fibres Films_Coated_Surface MEMS_devices_and_electrodes Nanowires \
    Particles Patterned_surface Porous_Sponge Powder Tips; do
    image=$(jq -rs --arg c "$category" '
        map(select(.category == $c and (.id | startswith("nffa-"))))
        | (map(select(.part == "val")) + .)[0] | "\(.file) \(.part)"' "$folder/images.jsonl")
    read -r file part <<<"$image"
    given=$(ask "$folder/$file" --category "$category")
    bare=$(ask "$folder/$file")
    predicted=$(jq -rs '.[0].category // "none"' <<<"$bare")
    about() { jq -rs '.[0].answer' <<<"$1" | grep -qiE "$(words "$category")"; }
    echo; echo "## $category"; echo
    echo "\`$(basename "$file")\`, part $part. Predicted: $predicted, $(mark [ "$predicted" = "$category" ])."
    echo; echo "Category given, $(mark about "$given"):"; echo
    jq -r '"- \(.key): \(.answer)"' <<<"$given"
    echo; echo "Category not given, $(mark about "$bare"):"; echo
    jq -r '"- \(.key): \(.answer)"' <<<"$bare"
    count=$((count + 1))
    if about "$given"; then right_given=$((right_given + 1)); fi
    if about "$bare"; then right_bare=$((right_bare + 1)); fi
    if [ "$predicted" = "$category" ]; then right_predicted=$((right_predicted + 1)); fi
done
echo
echo "Of $count: right with the category given $right_given, right without $right_bare, category predicted rightly $right_predicted."
