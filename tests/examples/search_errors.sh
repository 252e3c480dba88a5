# cifar_search and cifar_init find mistakes before they train: options end with 2, the rest
# with 1, and one line says what is wrong.
. "$SRCDIR/tests/examples/expect"
compile make_cifar tests/examples/make_cifar.c
data=$tmp/data
mkdir "$data"
"$tmp/make_cifar" "$data" || exit 1

# refuse PROGRAM STATUS PATTERN ARGUMENT...: nothing on stdout, and on stderr the line.
refuse() {
    program=$1 status=$2 pattern=$3
    shift 3
    run "$status" "$EXAMPLES/study/$program" --quiet "$@"
    expect_count out 0
    expect_count err "$status" # a second line points to --help
    expect_line err "^$program: .*$pattern"
}

while read -r arguments; do
    # shellcheck disable=SC2086
    refuse cifar_search 2 "${arguments%%[= ]*}" $arguments
done <<'END'
--unknown
stray
--lambda 0.1
--runs 5
--jobs 0
--jobs -1
--count 0
--count 1001
--range 0.1,0.01
--range 0.1,0.1
--range 0,0.1
--range 0.1
--range 0.1,0.2,0.3
--range 0.1,x
--range -1,1
--values
--values=
--values 0
--values 0.1,
--values ,0.1
--values 0.1,nan
--coarse --fine
--fine --values 0.1
--refine
--range 0.1,0.2 --values 0.1
--count 5 --values 0.1
--warm-start --jobs 2
--plot search.pdf
--batch 1
--eta-min 0.2 --eta-max 0.1
--epochs 0
END
refuse cifar_search 2 "lambda 0.1 comes twice" --values 0.1,0.2,1e-1
while read -r arguments; do
    # shellcheck disable=SC2086
    refuse cifar_init 2 "${arguments%%[= ]*}" $arguments
done <<'END'
--unknown
--batchnorm=on
--no-batchnorm=1
--init he,
--init -1
--init he,hee
--init 1,2,3,4,5,6,7,8,9
--bn-eps 0
--bn-eps 1e-5,
--runs 0
--runs 101
--jobs 0
--lambda -1
--plot-eps eps.svg
--bn-eps 1e-5,1e-8 --plot-eps eps.svg --no-batchnorm
--batch 1
END
expect_line err "^Try cifar_init --help"
ok "bad options"

for program in cifar_search cifar_init; do
    run 0 "$EXAMPLES/study/$program" --help
    expect_line out "^Usage: $program"
    expect_line out "^  --results FILE.csv"
    awk 'length > 90 { exit 1 }' "$tmp/out" || fail "--help is wider than 90 columns"
    run 0 "$EXAMPLES/study/$program" --version
    expect_line out "^$program (libmlpbn) [0-9.]*$"
done
ok "--help, --version"

# results PROGRAM PATTERN: the file results.csv is refused and stays as it is.
file=$tmp/results.csv
results() {
    cp "$file" "$tmp/kept"
    refuse "$1" 1 "results .*results.csv: $2" --data "$data" --hidden 5 --epochs 1 \
        --batch 45000 --results "$file" $3
    cmp -s "$file" "$tmp/kept" || fail "$1 changed a file that it refused"
}
for program in cifar_search cifar_init; do
    more=
    test $program = cifar_init || more="--values 0.1,0.2"
    refuse $program 1 "results $tmp/none/r.csv: No such file" --data "$data" \
        --results "$tmp/none/r.csv"
    refuse $program 1 "results $tmp: Is a directory" --data "$data" --results "$tmp"
    printf 'a,b\n1,2\n' >"$file"
    results $program "was not written by $program" "$more"
    printf '# %ss x\n' $program >"$file"
    results $program "was not written by $program" "$more"
    printf 'x\0y\n' >"$file"
    results $program "is no file of results, it holds binary data" "$more"
    head -c 70000000 /dev/zero >"$file"
    results $program "is no file of results, it has 70000000 bytes" "$more"
    rm "$file"
    run 0 "$EXAMPLES/study/$program" --data "$data" --hidden 5 --epochs 1 --batch 45000 --quiet \
        --results "$file" $more
    cp "$file" "$tmp/good"
    sed '1s/epochs=1/epochs=2/' "$tmp/good" >"$file"
    results $program "holds .*epochs=2 .*, not .*epochs=1 " "$more"
    sed '2s/seconds/minutes/' "$tmp/good" >"$file"
    results $program "holds " "$more"
    sed '4s/^[^,]*,/0.7,/' "$tmp/good" >"$file"
    results $program "line [34] does not belong there" "$more"
    sed '4s/,0\.[0-9]*,/,0.5x,/' "$tmp/good" >"$file"
    results $program "line [34] does not belong there" "$more"
    (cat "$tmp/good" && tail -n +3 "$tmp/good") >"$file"
    results $program "line [0-9]* does not belong there" "$more"
    refuse $program 1 "plot $tmp/none/p.svg: " --data "$data" --plot "$tmp/none/p.svg" $more
    refuse $program 1 "No such file.*fetch_cifar10" --data "$tmp/none" $more
    refuse $program 2 "batch 45001 is more than" --data "$data" --batch 45001 $more
    if test -c /dev/full; then
        refuse $program 1 "results /dev/full: No space" --data "$data" --results /dev/full $more
        "$EXAMPLES/study/$program" --data "$data" --quiet --results "$tmp/good" --hidden 5 \
            --epochs 1 --batch 45000 $more >/dev/full 2>"$tmp/err"
        test $? -eq 1 || fail "a full disk at stdout goes unnoticed"
        expect_line err "standard output: No space"
    fi
    ok "$program: results unreadable, foreign, of other settings, twice, broken; a full disk"
done

refuse cifar_search 1 "results $tmp/none.csv: No such file" --refine "$tmp/none.csv"
refuse cifar_search 1 "is no file of results of cifar_search" --refine "$tmp/good"
printf 'a,b\n1,2\n' >"$file"
refuse cifar_search 1 "is no file of results of cifar_search" --refine "$file"
printf '# cifar_search x\nlambda,train_accuracy,val_accuracy,test_accuracy,seconds\n' >"$file"
refuse cifar_search 1 "0 values are too few" --refine "$file"
for i in 1 2 3 4 5; do echo "$i,.$i,.$i,.$i,1"; done >>"$file"
sed '5s/,.3/,3/' "$file" >"$tmp/bad.csv"
refuse cifar_search 1 "bad.csv: line 5 does not belong there" --refine "$tmp/bad.csv"
ok "--refine: files missing, foreign, empty, broken"

refuse cifar_search 1 "lambda 0.1: step " --data "$data" --hidden 5 --epochs 1 --init 1e6 \
    --no-batchnorm --eta-max 1e6 --eta-min 1e6 --values 0.1
refuse cifar_init 1 "initialization 1e+06: step " --data "$data" --hidden 5 --epochs 1 \
    --init 1e6 --no-batchnorm --eta-max 1e6 --eta-min 1e6 --runs 1
ok "runs that diverge"
