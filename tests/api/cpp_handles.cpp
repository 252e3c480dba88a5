// include/mlpbn.hpp: handles move and clean up (under the sanitizers nothing leaks or is freed
// twice), failures throw, and results are those of the calls in C.
#include <mlpbn.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <unistd.h>
#include <vector>

namespace
{

int failures;

void expect(bool truth, const char *what, int line)
{
    if (truth)
        return;
    std::printf("cpp_handles: line %d: not so: %s\n", line, what);
    failures++;
}

#define EXPECT(truth) expect((truth), #truth, __LINE__)

// The call throws mlpbn::error of this status, with this word.
#define THROWS(expected, word, call)                                                     \
    try {                                                                                \
        call;                                                                            \
        expect(false, #call " throws", __LINE__);                                        \
    } catch (const mlpbn::error &e) {                                                    \
        expect(e.status() == (expected), #call ": status", __LINE__);                    \
        expect(std::string(e.what()).find(word) != std::string::npos, e.what(),          \
               __LINE__);                                                                \
    }

static_assert(!std::is_copy_constructible<mlpbn::network>::value, "network");
static_assert(!std::is_copy_assignable<mlpbn::workspace>::value, "workspace");
static_assert(std::is_nothrow_move_constructible<mlpbn::network>::value, "network");
static_assert(std::is_nothrow_move_assignable<mlpbn::optimizer>::value, "optimizer");
static_assert(std::is_nothrow_move_constructible<mlpbn::sampler>::value, "sampler");

const double x[12] = {2.385, -0.73, 0.17, 1.1,  -2.6, 0.9,
                      3.3,   -1.2,  0.4,  0.77, -0.2, 1.9};
const int32_t labels[6] = {0, 1, 1, 0, 1, 0};

mlpbn_rows make_rows()
{
    mlpbn_rows rows = MLPBN_ROWS_INIT(x, MLPBN_F64, 6, 2);
    rows.labels = labels;
    return rows;
}

// Sizes are often int variables, which C++ does not narrow in braces by itself.
mlpbn::network make_network(mlpbn_dtype dtype, int inputs = 2, int units = 5)
{
    mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(inputs);
    const mlpbn_batchnorm_options batchnorm = MLPBN_BATCHNORM_OPTIONS_INIT;
    mlpbn_layer_options hidden = MLPBN_LAYER_OPTIONS_INIT(units, MLPBN_TANH);
    const mlpbn_layer_options last = MLPBN_LAYER_OPTIONS_INIT(2, MLPBN_IDENTITY);
    hidden.batchnorm = &batchnorm;
    options.dtype = dtype;
    return mlpbn::network(options, {hidden, last});
}

void handles_move()
{
    mlpbn::network a = make_network(MLPBN_F32), b = make_network(MLPBN_F32);
    const mlpbn_network *pointer = a.get();
    b = std::move(a);
    EXPECT(!a && b && b.get() == pointer);
    mlpbn::network c(std::move(b));
    EXPECT(!b && c.get() == pointer);
    mlpbn::network &same = c; // a compiler would warn of c = std::move(c)
    c = std::move(same);
    EXPECT(c.get() == pointer);
    mlpbn::network d(c.release());
    EXPECT(!c && d.get() == pointer);
    a.swap(d);
    EXPECT(!d && a.get() == pointer);
    std::vector<mlpbn::workspace> several;
    for (int i = 0; i < 3; i++)
        several.push_back(mlpbn::workspace(a));
    EXPECT(several[2].get() != nullptr);
}

void an_empty_handle_throws()
{
    mlpbn::network full = make_network(MLPBN_F32), taker(std::move(full));
    THROWS(MLPBN_EINVAL, "network", mlpbn::workspace{full});
    try {
        full.inputs();
        EXPECT(!"inputs() of an empty handle");
    } catch (const std::logic_error &) {
    }
}

void failures_throw()
{
    // In C a failure is a status, and its text is there too.
    EXPECT(mlpbn_rows_init(nullptr, sizeof(mlpbn_rows)) == MLPBN_EINVAL);
    EXPECT(*mlpbn_last_error() && *mlpbn_version());
    mlpbn::network net = make_network(MLPBN_F32);
    mlpbn::workspace ws(net);
    mlpbn::optimizer optimizer(net);
    mlpbn_rows rows = make_rows();
    std::vector<double> wrong(6 * 2);
    THROWS(MLPBN_EDTYPE, "f64", mlpbn::predict(net, ws, rows, wrong.data()));
    THROWS(MLPBN_EDTYPE, "f64", mlpbn::predict<double>(net, ws, rows));
    THROWS(MLPBN_ESTATE, "gradient", optimizer.step(net, ws));
    THROWS(MLPBN_EINVAL, "rate", optimizer.set_learning_rate(-2.385));
    THROWS(MLPBN_EINVAL, "99", net.tensor(99));
    THROWS(MLPBN_EINVAL, "std", net.set_standardization({0.5, 1.5}, {1.5, 0}));
    THROWS(MLPBN_ESHAPE, "2", net.set_standardization({0.5}, {1.5}));
    rows.columns = 3;
    THROWS(MLPBN_ESHAPE, "columns", mlpbn::evaluate(net, ws, rows));
    try {
        net.set_standardization({0.5, 1.5}, {1.5});
        EXPECT(!"lengths that differ");
    } catch (const std::invalid_argument &) {
    }
}

// A training loop, and all the calls on the way.
template <class Real> void train(mlpbn_dtype dtype)
{
    const mlpbn_rows rows = make_rows();
    mlpbn::network net = make_network(dtype);
    net.fit_standardization(rows);
    mlpbn::workspace ws(net);
    mlpbn::optimizer optimizer(net);
    optimizer.set_learning_rate(0.073);
    EXPECT(optimizer.learning_rate() == 0.073);
    mlpbn_sampler_options options = MLPBN_SAMPLER_OPTIONS_INIT;
    options.batch = 3;
    mlpbn::sampler sampler(rows, &options);
    EXPECT(sampler.batches() == 2);
    const double before = mlpbn::evaluate(net, ws, rows).loss;
    mlpbn_rows batch = rows;
    for (int epoch = 0; epoch < 30; epoch++)
        while (sampler.next(batch))
            EXPECT(mlpbn::train_step(net, optimizer, ws, batch).n == 3);
    EXPECT(sampler.epochs() == 30);
    mlpbn::gradient(net, ws, rows);
    optimizer.step(net, ws);
    EXPECT(mlpbn::evaluate(net, ws, rows).loss < before);

    std::vector<Real> y(6 * 2);
    mlpbn::predict(net, ws, rows, y.data());
    EXPECT(mlpbn::predict<Real>(net, ws, rows) == y);
    mlpbn::network copy = net.clone();
    mlpbn::workspace of_copy(copy);
    EXPECT(mlpbn::predict<Real>(copy, of_copy, rows) == y);
    copy.set_values(0, std::vector<double>(5 * 2, 0.25));
    EXPECT(mlpbn::predict<Real>(copy, of_copy, rows) != y);
    copy.copy(net);
    EXPECT(copy.values(0) == net.values(0));
    EXPECT(mlpbn::predict<Real>(copy, of_copy, rows) == y);
    copy.initialize(0, MLPBN_INIT_CONSTANT, 0.125, 0);
    EXPECT(copy.values(0)[3] == 0.125);
}

void the_rest()
{
    mlpbn::network net = make_network(MLPBN_F64);
    EXPECT(net.inputs() == 2 && net.outputs() == 2 && net.layers() == 2);
    EXPECT(net.dtype() == MLPBN_F64 && net.clone(MLPBN_F32).dtype() == MLPBN_F32);
    EXPECT(net.tensors() == 8 && std::string(net.tensor(0).name) == "layer0.weight");
    EXPECT(mlpbn_layer_units(net.layer(0)) == 5 && net.layer(2) == nullptr);
    net.set_standardization({0.5, -1.5}, {1.5, 0.3});
    mlpbn_fold_report report = MLPBN_FOLD_REPORT_INIT;
    EXPECT(net.fold(nullptr, &report).tensors() == 4 && report.rows == 256);
    const mlpbn::gradient_check found(net, make_rows());
    EXPECT(found.passed() && found.skipped() == 0 && found.results() == 7);
    EXPECT(std::string(found.result(6).name) == "x");

    const std::size_t bytes = mlpbn::workspace::bytes(net);
    std::vector<char> memory(bytes + MLPBN_WORKSPACE_ALIGNMENT);
    const std::size_t over =
        reinterpret_cast<std::uintptr_t>(memory.data()) % MLPBN_WORKSPACE_ALIGNMENT;
    char *aligned = memory.data() + (MLPBN_WORKSPACE_ALIGNMENT - over);
    mlpbn::workspace placed(aligned, bytes, net), made(net);
    EXPECT(mlpbn::predict<double>(net, placed, make_rows()) ==
           mlpbn::predict<double>(net, made, make_rows()));
}

// A lambda sees each epoch, may end the training, and may throw.
void fit_trains()
{
    const std::vector<float> xs = {0, 0, 0, 1, 1, 0, 1, 1};
    const std::vector<std::int32_t> ys = {0, 1, 1, 0};
    const mlpbn_rows rows = mlpbn::rows(xs, 2, ys);
    mlpbn::network net(2, {mlpbn::dense(8, MLPBN_RELU), mlpbn::dense(2, MLPBN_IDENTITY)},
                       MLPBN_F64, 3);
    mlpbn_fit_options options = mlpbn::fit_options();
    options.epochs = 7;
    const mlpbn::history seven = mlpbn::fit(net, rows, options);
    EXPECT(seven.epochs() == 7 && seven.end() == MLPBN_FIT_EPOCHS);
    EXPECT(seven[6].step == 7 && seven.best() < 7);
    THROWS(MLPBN_EINVAL, "index", seven[7]);
    std::size_t calls = 0;
    const mlpbn::history three =
        mlpbn::fit(net, rows, options, [&](const mlpbn_fit_record &record) {
            return ++calls, record.epoch < 3;
        });
    EXPECT(calls == 3 && three.epochs() == 3 && three.end() == MLPBN_FIT_CALLBACK);
    bool caught = false;
    try {
        mlpbn::fit(net, rows, options,
                   [](const mlpbn_fit_record &record) -> bool { throw record.epoch; });
    } catch (std::uint64_t epoch) {
        caught = epoch == 1;
    }
    EXPECT(caught);
    options.batch = 0;
    THROWS(MLPBN_EINVAL, "batch", mlpbn::fit(net, rows, options));
    options.batch = 4;
    options.epochs = 2000;
    mlpbn::optimizer sgd(net);
    sgd.set_learning_rate(0.385);
    mlpbn::fit(net, rows, options, nullptr, &sgd);
    std::vector<double> p;
    EXPECT(mlpbn::classify(net, rows, &p) == ys && p.size() == 8 && p[0] > 0.5);
}

template <class Call> bool is_invalid(Call call)
{
    try {
        call();
    } catch (const std::invalid_argument &) {
        return true;
    }
    return false;
}

void rows_view_vectors()
{
    const std::vector<double> xs = {2.385, -0.73, 0.17, 1.1, -2.6, 0.9},
                              targets = {1, 2, 3};
    const mlpbn_rows view = mlpbn::rows(xs, 2, targets, 1);
    EXPECT(view.n == 3 && view.columns == 2 && view.dtype == MLPBN_F64);
    EXPECT(view.targets == targets.data() && view.target_dtype == MLPBN_F64);
    EXPECT(view.target_columns == 1 && view.labels == nullptr);
    EXPECT(is_invalid([&] { mlpbn::rows(xs, 0); }));
    EXPECT(is_invalid([&] { mlpbn::rows(xs, 4); }));
    EXPECT(is_invalid([&] { mlpbn::rows(xs, 2, std::vector<std::int32_t>(2)); }));
    EXPECT(is_invalid([&] { mlpbn::rows(xs, 3, targets, 1); }));
}

// A file of this process, removed at the end.
struct File {
    std::string path;
    File() : path("/tmp/mlpbn_handles_" + std::to_string(getpid())) {}
    ~File() { std::remove(path.c_str()); }
};

void files_keep_networks()
{
    const File file;
    const mlpbn::network net = make_network(MLPBN_F64);
    mlpbn::workspace ws(net);
    const std::vector<double> y = mlpbn::predict<double>(net, ws, make_rows());

    net.export_onnx(file.path);
    const mlpbn::network imported = mlpbn::network::import_onnx(file.path);
    mlpbn::workspace of_imported(imported);
    EXPECT(std::abs(mlpbn::predict<double>(imported, of_imported, make_rows())[0] -
                    y[0]) < 1e-9);
    THROWS(MLPBN_EIO, "nowhere", mlpbn::network::import_onnx("/nowhere/at/all"));
    net.export_c(file.path);
    THROWS(MLPBN_EIO, "nowhere", net.export_c("/nowhere/at/all"));
    net.save(file.path);
    const mlpbn::network loaded = mlpbn::network::load(file.path);
    EXPECT(loaded.values(0) == net.values(0));
}

} // namespace

int main()
{
    files_keep_networks();
    handles_move();
    an_empty_handle_throws();
    failures_throw();
    train<float>(MLPBN_F32);
    train<double>(MLPBN_F64);
    the_rest();
    fit_trains();
    rows_view_vectors();
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
