// libmlpbn for C++11: classes that own the handles of mlpbn.h, and exceptions.
//
// - network, workspace, optimizer, sampler, gradient_check and history own a handle, and
//   destroy it.
//   They can be moved, not copied. An object that was moved from is empty: get() is NULL, and
//   a call that uses it throws.
// - A call that fails throws mlpbn::error: status() is the mlpbn_status, and what() tells what
//   was wrong. As in C, a call that has failed has changed nothing.
// - Structs are those of C; initialize them with their _INIT macros. rows() makes the view of a
//   vector or an array, dense() the options of a layer. A function of C without a member here is
//   called with get(): mlpbn::check(mlpbn_forward_f32(net.get(), ...)).
//
// This header is the whole C++ interface: programs link only libmlpbn.
#ifndef MLPBN_HPP
#define MLPBN_HPP

#include <mlpbn.h>

#include <cstdio>
#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mlpbn
{

class error : public std::runtime_error
{
  public:
    // Describes the last call of this thread that failed.
    explicit error(mlpbn_status status)
        : std::runtime_error(std::string(mlpbn_strerror(status)) + ": " +
                             mlpbn_last_error()),
          status_(status)
    {
    }
    mlpbn_status status() const noexcept { return status_; }

  private:
    mlpbn_status status_;
};

// Throws an error if status, which a function of C has returned, is not MLPBN_OK.
inline void check(mlpbn_status status)
{
    if (status != MLPBN_OK)
        throw error(status);
}

// The base class of all owners of a handle.
template <class T, void (*destroy)(T *)> class handle
{
  public:
    handle(handle &&other) noexcept : pointer_(other.release()) {}
    handle &operator=(handle &&other) noexcept
    {
        handle(std::move(other)).swap(*this);
        return *this;
    }
    handle(const handle &) = delete;
    handle &operator=(const handle &) = delete;
    ~handle() { destroy(pointer_); }

    T *get() noexcept { return pointer_; }
    const T *get() const noexcept { return pointer_; }
    explicit operator bool() const noexcept { return pointer_ != nullptr; }

    // Returns the handle and releases ownership: the caller destroys it.
    T *release() noexcept
    {
        T *released = pointer_;
        pointer_ = nullptr;
        return released;
    }
    void swap(handle &other) noexcept { std::swap(pointer_, other.pointer_); }

  protected:
    handle() noexcept : pointer_(nullptr) {}
    explicit handle(T *owned) noexcept : pointer_(owned) {}
    T **receive() noexcept { return &pointer_; }
    // Returns the handle, for functions of C whose argument must not be NULL.
    const T *valid() const
    {
        if (!pointer_)
            throw std::logic_error("mlpbn: a handle that was moved from is used");
        return pointer_;
    }

  private:
    T *pointer_;
};

// The dtype of the elements of an array.
template <class T> struct dtype_of;
template <> struct dtype_of<float> {
    static constexpr mlpbn_dtype value = MLPBN_F32;
};
template <> struct dtype_of<double> {
    static constexpr mlpbn_dtype value = MLPBN_F64;
};
template <> struct dtype_of<std::uint8_t> {
    static constexpr mlpbn_dtype value = MLPBN_U8;
};

// Returns a view of x, [n][columns], which must exist as long as the view is used; so must
// labels and targets below.
template <class T> mlpbn_rows rows(const T *x, std::size_t n, std::size_t columns)
{
    mlpbn_rows view = MLPBN_ROWS_INIT(x, dtype_of<T>::value, n, columns);
    return view;
}

// Returns a view of a vector, [n][columns].
template <class T> mlpbn_rows rows(const std::vector<T> &x, std::size_t columns)
{
    if (columns == 0 || x.size() % columns != 0)
        throw std::invalid_argument("mlpbn: x is no matrix with that number of columns");
    return rows(x.data(), x.size() / columns, columns);
}

// The same, with labels, [n].
template <class T>
mlpbn_rows rows(const std::vector<T> &x, std::size_t columns,
                const std::vector<std::int32_t> &labels)
{
    mlpbn_rows view = rows(x, columns);
    if (labels.size() != view.n)
        throw std::invalid_argument("mlpbn: x and labels differ in their number of rows");
    view.labels = labels.data();
    return view;
}

// The same, with targets, [n][target_columns].
template <class T, class Target>
mlpbn_rows rows(const std::vector<T> &x, std::size_t columns,
                const std::vector<Target> &targets, std::size_t target_columns)
{
    mlpbn_rows view = rows(x, columns);
    if (rows(targets, target_columns).n != view.n)
        throw std::invalid_argument(
            "mlpbn: x and targets differ in their number of rows");
    view.targets = targets.data();
    view.target_dtype = dtype_of<Target>::value;
    view.target_columns = target_columns;
    return view;
}

// Returns the options of a layer, which may be changed further.
inline mlpbn_layer_options dense(std::size_t units, mlpbn_activation activation)
{
    mlpbn_layer_options layer = MLPBN_LAYER_OPTIONS_INIT(units, activation);
    return layer;
}

class network : public handle<mlpbn_network, mlpbn_network_destroy>
{
  public:
    network(const mlpbn_network_options &options,
            const std::vector<mlpbn_layer_options> &layers)
    {
        check(mlpbn_network_create(receive(), &options, layers.data(), layers.size()));
    }
    network(std::size_t inputs, const std::vector<mlpbn_layer_options> &layers,
            mlpbn_dtype dtype = MLPBN_F32, std::uint64_t seed = 0)
        : network(options_of(inputs, dtype, seed), layers)
    {
    }
    explicit network(mlpbn_network *owned) noexcept : handle(owned) {}

    network clone(mlpbn_dtype dtype) const
    {
        mlpbn_network *copy = nullptr;
        check(mlpbn_network_clone(&copy, get(), dtype));
        return network(copy);
    }
    network clone() const { return clone(dtype()); }
    void copy(const network &from) { check(mlpbn_network_copy(get(), from.get())); }
    network fold(const mlpbn_fold_options *options = nullptr,
                 mlpbn_fold_report *report = nullptr) const
    {
        mlpbn_network *folded = nullptr;
        check(mlpbn_fold(&folded, get(), options, report));
        return network(folded);
    }

    static network load(const std::string &path,
                        const mlpbn_load_options *options = nullptr)
    {
        mlpbn_network *loaded = nullptr;
        check(mlpbn_network_load(&loaded, path.c_str(), options));
        return network(loaded);
    }
    void save(const std::string &path) const
    {
        check(mlpbn_network_save(get(), path.c_str()));
    }
    static network import_onnx(const std::string &path)
    {
        mlpbn_network *imported = nullptr;
        check(mlpbn_import_onnx(&imported, path.c_str()));
        return network(imported);
    }
    void export_onnx(const std::string &path,
                     const mlpbn_export_onnx_options *options = nullptr) const
    {
        check(mlpbn_export_onnx(get(), path.c_str(), options));
    }
    void export_c(const std::string &path,
                  const mlpbn_export_c_options *options = nullptr) const
    {
        check(mlpbn_export_c(get(), path.c_str(), options));
    }

    std::size_t inputs() const { return mlpbn_network_inputs(valid()); }
    std::size_t outputs() const { return mlpbn_network_outputs(valid()); }
    std::size_t layers() const { return mlpbn_network_n_layers(valid()); }
    std::size_t tensors() const { return mlpbn_network_n_tensors(valid()); }
    mlpbn_dtype dtype() const { return mlpbn_network_dtype(valid()); }
    // Returns a layer, borrowed from the network; NULL if there is no such layer.
    const mlpbn_layer *layer(std::size_t index) const
    {
        return mlpbn_network_layer(valid(), index);
    }

    mlpbn_tensor tensor(std::size_t index) const
    {
        mlpbn_tensor described = MLPBN_TENSOR_INIT;
        check(mlpbn_network_tensor(&described, get(), index));
        return described;
    }
    // Returns all elements of a tensor, [rows][columns].
    std::vector<double> values(std::size_t index) const
    {
        const mlpbn_tensor described = tensor(index);
        std::vector<double> copied(described.rows * described.columns);
        check(mlpbn_network_get_f64(get(), index, copied.data(), copied.size()));
        return copied;
    }
    void set_values(std::size_t index, const std::vector<double> &values)
    {
        check(mlpbn_network_set_f64(get(), index, values.data(), values.size()));
    }
    void initialize(std::size_t layer, mlpbn_init init, double sigma, uint64_t seed)
    {
        check(mlpbn_network_initialize(get(), layer, init, sigma, seed));
    }

    void set_standardization(const std::vector<double> &mean,
                             const std::vector<double> &std)
    {
        if (mean.size() != std.size())
            throw std::invalid_argument("mlpbn: mean and std differ in length");
        check(mlpbn_network_set_standardization(get(), mean.data(), std.data(),
                                                mean.size()));
    }
    void fit_standardization(const mlpbn_rows &rows)
    {
        check(mlpbn_network_fit_standardization(get(), &rows));
    }

  private:
    static mlpbn_network_options options_of(std::size_t inputs, mlpbn_dtype dtype,
                                            std::uint64_t seed)
    {
        mlpbn_network_options options = MLPBN_NETWORK_OPTIONS_INIT(inputs);
        options.dtype = dtype;
        options.seed = seed;
        return options;
    }
};

class workspace : public handle<mlpbn_workspace, mlpbn_workspace_destroy>
{
  public:
    explicit workspace(const network &net,
                       const mlpbn_workspace_options *options = nullptr)
    {
        check(mlpbn_workspace_create(receive(), net.get(), options));
    }
    // Creates a workspace in the caller's memory, which must be aligned to
    // MLPBN_WORKSPACE_ALIGNMENT and outlive the workspace.
    workspace(void *memory, std::size_t bytes, const network &net,
              const mlpbn_workspace_options *options = nullptr)
    {
        check(mlpbn_workspace_create_in(receive(), memory, bytes, net.get(), options));
    }
    explicit workspace(mlpbn_workspace *owned) noexcept : handle(owned) {}

    // Returns the size of a workspace in the caller's memory.
    static std::size_t bytes(const network &net,
                             const mlpbn_workspace_options *options = nullptr)
    {
        std::size_t needed = 0;
        check(mlpbn_workspace_size(&needed, net.get(), options));
        return needed;
    }
};

class optimizer : public handle<mlpbn_optimizer, mlpbn_optimizer_destroy>
{
  public:
    explicit optimizer(const network &net,
                       const mlpbn_optimizer_options *options = nullptr)
    {
        check(mlpbn_optimizer_create(receive(), net.get(), options));
    }
    explicit optimizer(mlpbn_optimizer *owned) noexcept : handle(owned) {}

    void step(network &net, workspace &ws)
    {
        check(mlpbn_optimizer_step(get(), net.get(), ws.get()));
    }
    double learning_rate() const { return mlpbn_optimizer_learning_rate(valid()); }
    void set_learning_rate(double rate)
    {
        check(mlpbn_optimizer_set_learning_rate(get(), rate));
    }
};

class sampler : public handle<mlpbn_sampler, mlpbn_sampler_destroy>
{
  public:
    explicit sampler(const mlpbn_rows &rows,
                     const mlpbn_sampler_options *options = nullptr)
    {
        check(mlpbn_sampler_create(receive(), &rows, options));
    }
    explicit sampler(mlpbn_sampler *owned) noexcept : handle(owned) {}

    // Gets the next batch. Returns false at the end of an epoch; the call after that begins
    // the next epoch.
    bool next(mlpbn_rows &batch)
    {
        check(mlpbn_sampler_next(&batch, get()));
        return batch.n > 0;
    }
    std::size_t batches() const { return mlpbn_sampler_batches(valid()); }
    uint64_t epochs() const { return mlpbn_sampler_epochs(valid()); }
};

class gradient_check : public handle<mlpbn_gradcheck_report, mlpbn_gradcheck_destroy>
{
  public:
    gradient_check(const network &net, const mlpbn_rows &rows,
                   const mlpbn_loss_options *loss = nullptr,
                   const mlpbn_gradcheck_options *options = nullptr)
    {
        check(mlpbn_gradcheck(receive(), net.get(), &rows, loss, options));
    }

    bool passed() const { return mlpbn_gradcheck_passed(valid()) != 0; }
    std::size_t skipped() const { return mlpbn_gradcheck_skipped(valid()); }
    std::size_t results() const { return mlpbn_gradcheck_results(valid()); }
    mlpbn_gradcheck_result result(std::size_t index) const
    {
        mlpbn_gradcheck_result found = MLPBN_GRADCHECK_RESULT_INIT;
        check(mlpbn_gradcheck_get(&found, get(), index));
        return found;
    }
};

class history : public handle<mlpbn_history, mlpbn_history_destroy>
{
  public:
    explicit history(mlpbn_history *owned) noexcept : handle(owned) {}

    std::size_t epochs() const { return mlpbn_history_epochs(valid()); }
    // Returns the index of the best epoch; SIZE_MAX if there is none.
    std::size_t best() const { return mlpbn_history_best(valid()); }
    mlpbn_fit_end end() const { return mlpbn_history_end(valid()); }
    mlpbn_fit_record operator[](std::size_t index) const
    {
        mlpbn_fit_record record = MLPBN_FIT_RECORD_INIT;
        check(mlpbn_history_get(&record, get(), index));
        return record;
    }
    void write_csv(std::FILE *file) const { check(mlpbn_history_write_csv(get(), file)); }
};

// Functions that use several objects.

// The options of fit() with the defaults of C.
inline mlpbn_fit_options fit_options()
{
    mlpbn_fit_options options = MLPBN_FIT_OPTIONS_INIT;
    return options;
}

// Trains a network (mlpbn/fit.h). opt may be nullptr: Adam.
inline history fit(network &net, const mlpbn_rows &rows,
                   const mlpbn_fit_options &options = fit_options(),
                   const mlpbn_loss_options *loss = nullptr, optimizer *opt = nullptr)
{
    mlpbn_history *recorded = nullptr;
    const mlpbn_status status = mlpbn_fit(net.get(), opt ? opt->get() : nullptr, &rows,
                                          loss, &options, &recorded);
    history owner(recorded);
    check(status);
    return owner;
}

// The same, with a function that is called after each epoch with its record, and returns
// whether to go on: [&](const mlpbn_fit_record &record) { return record.accuracy < 0.99; }.
// after_epoch and context of the options are not used. An exception of the function ends the
// training and is thrown on.
template <class AfterEpoch>
history fit(network &net, const mlpbn_rows &rows, mlpbn_fit_options options,
            AfterEpoch after_epoch, const mlpbn_loss_options *loss = nullptr,
            optimizer *opt = nullptr)
{
    struct state {
        AfterEpoch &function;
        std::exception_ptr thrown;
        static mlpbn_status call(const mlpbn_fit_record *record, int *stop, void *context)
        {
            state *self = static_cast<state *>(context);
            try {
                *stop = self->function(*record) ? 0 : 1;
            } catch (...) {
                self->thrown = std::current_exception();
                *stop = 1;
            }
            return MLPBN_OK;
        }
    } state = {after_epoch, nullptr};
    options.after_epoch = state::call;
    options.context = &state;
    history recorded = fit(net, rows, options, loss, opt);
    if (state.thrown)
        std::rethrow_exception(state.thrown);
    return recorded;
}

// Returns the class of each row; *probabilities, unless nullptr, receives [rows.n][classes].
inline std::vector<std::int32_t> classify(const network &net, const mlpbn_rows &rows,
                                          std::vector<double> *probabilities = nullptr)
{
    const std::size_t classes = net.outputs() == 1 ? 2 : net.outputs();
    std::vector<std::int32_t> labels(rows.n);
    std::vector<double> received(probabilities ? rows.n * classes : 0);
    check(mlpbn_classify(net.get(), nullptr, &rows, labels.data(),
                         probabilities ? received.data() : nullptr));
    if (probabilities)
        probabilities->swap(received);
    return labels;
}

inline mlpbn_metrics gradient(const network &net, workspace &ws, const mlpbn_rows &rows,
                              const mlpbn_loss_options *loss = nullptr)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    check(mlpbn_gradient(net.get(), ws.get(), &rows, loss, &metrics));
    return metrics;
}

inline mlpbn_metrics train_step(network &net, optimizer &opt, workspace &ws,
                                const mlpbn_rows &rows,
                                const mlpbn_loss_options *loss = nullptr)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    check(mlpbn_train_step(net.get(), opt.get(), ws.get(), &rows, loss, &metrics));
    return metrics;
}

inline mlpbn_metrics evaluate(const network &net, workspace &ws, const mlpbn_rows &rows,
                              const mlpbn_loss_options *loss = nullptr)
{
    mlpbn_metrics metrics = MLPBN_METRICS_INIT;
    check(mlpbn_evaluate(net.get(), ws.get(), &rows, loss, &metrics));
    return metrics;
}

// Computes the outputs y, [rows.n][outputs].
inline void predict(const network &net, workspace &ws, const mlpbn_rows &rows, float *y)
{
    check(mlpbn_predict_f32(net.get(), ws.get(), &rows, y));
}

inline void predict(const network &net, workspace &ws, const mlpbn_rows &rows, double *y)
{
    check(mlpbn_predict_f64(net.get(), ws.get(), &rows, y));
}

// Returns [rows.n][outputs]. Real is float or double, as the network's dtype.
template <class Real>
std::vector<Real> predict(const network &net, workspace &ws, const mlpbn_rows &rows)
{
    std::vector<Real> y(rows.n * net.outputs());
    predict(net, ws, rows, y.data());
    return y;
}

} // namespace mlpbn

#endif
