# fetch_cifar10 downloads, checks and unpacks, or says in one line what is wrong.
. "$SRCDIR/tests/examples/expect"
for program in curl tar gzip md5sum; do
    command -v $program >/dev/null || {
        echo "$program is missing"
        exit 77
    }
done
compile serve tests/examples/serve.c
unset http_proxy all_proxy HTTP_PROXY ALL_PROXY
fetch() { run "$1" sh "$SRCDIR/examples/fetch_cifar10" --url "$url" --md5 "$md5" "$2"; }

# refuse PATTERN FOLDER: exit status 1, a line below "Downloading ...", nothing left.
refuse() {
    fetch 1 "$2"
    expect_count out 0
    expect_count err 2
    expect_line err "^fetch_cifar10: .*$1"
    left=$(find "$tmp" -name "$(basename "$2")*")
    test -z "$left" || fail "left behind: $left"
}

# An archive of the right layout: black pictures of class 0.
files=$tmp/cifar-10-batches-bin
mkdir "$files" "$tmp/served"
for name in data_batch_1 data_batch_2 data_batch_3 data_batch_4 data_batch_5 test_batch; do
    head -c 30730000 /dev/zero >"$files/$name.bin"
done
echo airplane >"$files/batches.meta.txt"
tar -czf "$tmp/served/good.tar.gz" -C "$tmp" cifar-10-batches-bin
rm "$files/test_batch.bin"
tar -czf "$tmp/served/lacking.tar.gz" -C "$tmp" cifar-10-batches-bin
md5_of() { md5sum <"$tmp/served/$1" | cut -d' ' -f1; }

"$tmp/serve" "$tmp/served" >"$tmp/port" &
server=$!
trap 'kill $server 2>/dev/null; rm -rf "$tmp"' EXIT
while ! test -s "$tmp/port"; do sleep 0.1; done
host=http://127.0.0.1:$(cat "$tmp/port")
url=$host/good.tar.gz
md5=$(md5_of good.tar.gz)

folder="$tmp/new/it's here"
fetch 0 "$folder"
test "$(find "$folder" -type f | wc -l)" -eq 7 || fail "not the seven files: $(ls "$folder")"
test "$(ls -A "$tmp/new")" = "it's here" || fail "left behind: $(ls -A "$tmp/new")"
expect_count out 1
eval "$(cat "$tmp/out")"
test "$CIFAR10_DIR" = "$folder" || fail "CIFAR10_DIR is $CIFAR10_DIR"
ok "downloads, checks, unpacks"

good=$url
url=$host/none.tar.gz
fetch 0 "$folder" # downloads nothing: this URL does not exist
expect_count err 0
ok "does nothing when all is there"

refuse "none.tar.gz: the server has no such file.*404" "$tmp/x404"
url=$host/half-good.tar.gz
refuse "broke off" "$tmp/xhalf"
url=http://127.0.0.1:1/good.tar.gz
refuse "is this machine online" "$tmp/xnobody"
url=$good md5=0123456789abcdef0123456789abcdef
refuse "its MD5 is .* instead of 0123456789abcdef" "$tmp/xmd5"
url=$host/lacking.tar.gz md5=$(md5_of lacking.tar.gz)
refuse "lacks cifar-10-batches-bin/test_batch.bin" "$tmp/xlacking"
ok "404, broken off, nobody there, wrong MD5, wrong content"

url=$good md5=$(md5_of good.tar.gz)
# A limit on the size of files has the effect of a full disk, and needs no root.
(trap '' XFSZ && ulimit -f 50 && refuse "disk full" "$tmp/xfull") || exit 1
mkdir "$tmp/other" && echo mine >"$tmp/other/file"
fetch 1 "$tmp/other"
expect_line err "data_batch_1.bin is missing"
test "$(cat "$tmp/other/file")" = mine || fail "a folder with other files was touched"
mkdir "$tmp/empty"
fetch 0 "$tmp/empty"
ok "full disk, a folder that is in use, an empty one"

folder=$tmp/killed
sh "$SRCDIR/examples/fetch_cifar10" --url "$host/stall-good.tar.gz" --md5 "$md5" \
    "$folder" 2>/dev/null &
while ! test -s "$folder.part.$!/archive.tar.gz"; do sleep 0.1; done
kill -KILL $!
wait $! 2>/dev/null
test ! -e "$folder" || fail "$folder is there after a kill"
kill $server # frees the curl that the killed shell left waiting
rm "$tmp/port"
"$tmp/serve" "$tmp/served" >"$tmp/port" &
server=$!
while ! test -s "$tmp/port"; do sleep 0.1; done
url=http://127.0.0.1:$(cat "$tmp/port")/good.tar.gz
fetch 0 "$folder"
test "$(echo "$folder"*)" = "$folder" || fail "left behind: $(echo "$folder"*)"
ok "killed in the middle, run again"

if command -v wget >/dev/null; then
    mkdir "$tmp/bin"
    for program in wget sh wc ls mkdir rmdir rm mv tar gzip md5sum cut head tail sed cat; do
        ln -s "$(command -v $program)" "$tmp/bin/$program"
    done
    path=$PATH
    PATH=$tmp/bin
    sh "$SRCDIR/examples/fetch_cifar10" --url "$url" --md5 "$md5" "$tmp/w" >/dev/null 2>&1
    status=$?
    sh "$SRCDIR/examples/fetch_cifar10" --url "${url}x" "$tmp/x" >"$tmp/out" 2>"$tmp/err"
    PATH=$path
    test $status -eq 0 || fail "without curl: exit status $status"
    test -s "$tmp/w/test_batch.bin" || fail "without curl: no files"
    expect_line err "no such file"
    ok "wget instead of curl"
else
    ok "wget instead of curl: skipped, wget is missing"
fi

for arguments in --unknown --url "--md5" "a b"; do
    # shellcheck disable=SC2086
    run 2 sh "$SRCDIR/examples/fetch_cifar10" $arguments
    expect_count err 1
done
for help in --help -h; do
    run 0 sh "$SRCDIR/examples/fetch_cifar10" $help
    expect_line out "^Usage: fetch_cifar10"
done
ok "bad options, --help"
