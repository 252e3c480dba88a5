# The study checks data, folders and earlier results before it runs anything.
. "$SRCDIR/tests/examples/expect"
command -v python3 >/dev/null || { echo "no python3"; exit 77; }
study="python3 -B $SRCDIR/examples/study/study.py --programs $EXAMPLES"
recipe="python3 -B $SRCDIR/examples/study/recipe.py --programs $EXAMPLES"

# refuse PATTERN COMMAND...: one line on stderr
refuse() {
    pattern=$1
    shift
    run 1 "$@"
    expect_count out 0
    expect_count err 1
    expect_line err "^study: $pattern"
}
refuse "set CIFAR10_DIR" $study --results "$tmp/results"
refuse "set CIFAR10_DIR" $recipe --results "$tmp/results"
test ! -e "$tmp/results" || fail "results without data"
CIFAR10_DIR=$tmp
export CIFAR10_DIR
touch "$tmp/file"
refuse "$tmp/file/results: Not a directory" $study --results "$tmp/file/results"
refuse "$tmp/file: File exists" $study --results "$tmp/file"
refuse "--epochs" $recipe --results "$tmp/results" --epochs 0
mkdir "$tmp/results"
echo '{' >"$tmp/results/measures.json"
refuse "$tmp/results/measures.json: " $study --results "$tmp/results"
printf 'a,b\n1,2\n' >"$tmp/results/recipe.csv"
refuse ".*recipe.csv: is no file of results" $recipe --results "$tmp/results"
rm "$tmp/results/measures.json"
if command -v gnuplot >/dev/null; then
    # The first program that fails ends it.
    run 1 $study --results "$tmp/results"
    expect_line err "^study: stopped in: gradient checks"
fi
ok "the study: no data, folders and files that cannot be used, a program that fails"

cd "$SRCDIR/examples/study" && python3 -B -c '
import statistics, published, results
assert len(published.triples(published.COARSE)) == 25
assert len(published.triples(published.FINE)) == 15
assert results.format_mean_std([52.5, 53.1, 52.0]) == "52.53 ± 0.55"
' || fail "published figures or statistics are wrong"
ok "the study: published figures, statistics"
