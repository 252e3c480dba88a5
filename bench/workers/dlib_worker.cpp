// dlib: its networks are C++ types, so only the networks of cases.py exist. For prediction
// they have no batchnorm, as if it had been folded into the weights.
extern "C" {
#include "worker.h"
}

#include <cstdlib>
#include <dlib/dnn.h>
#include <dlib/revision.h>
#include <memory>
#include <vector>

namespace
{

using rows = dlib::input<dlib::matrix<float>>;

template <int units, typename below> using plain = dlib::relu<dlib::fc<units, below>>;
template <int units, typename below>
using normed = dlib::relu<dlib::bn_fc<dlib::fc_no_bias<units, below>>>;
template <int units, typename below>
using top = dlib::loss_multiclass_log<dlib::fc<units, below>>;

template <template <int, typename> class H> using three = top<10, H<50, H<50, rows>>>;
template <template <int, typename> class H>
using nine = top<10, H<10, H<10, H<10, H<10, H<20, H<20, H<30, H<50, rows>>>>>>>>>;
using large = top<10, plain<1024, plain<1024, rows>>>;
using tabular = top<3, plain<64, plain<64, rows>>>;
using small = top<2, plain<8, rows>>;

struct network {
    virtual ~network() = default;
    virtual void run(size_t repeats) = 0;
};

template <typename net_type> class typed_network : public network
{
  public:
    typed_network(const bench_job *job, const dataset *data)
        : job(job), data(data), order(data->rows), labels(job->batch)
    {
        // dlib sets the number of tensors per sample only when it has samples.
        std::vector<dlib::matrix<float>> samples(
            job->batch, dlib::zeros_matrix<float>(long(data->columns), 1));
        net.to_tensor(samples.begin(), samples.end(), x);
        x.set_size(long(job->batch), 1, long(data->columns), 1);
        solvers.assign(net.num_computational_layers,
                       dlib::sgd(float(2 * job->lambda), 0));
    }

    void run(size_t repeats) override
    {
        bool predicts = job_is(job->kind, "predict");
        for (size_t i = 0; i < repeats; i++) {
            if (next == 0)
                begin_epoch(!predicts);
            gather();
            if (predicts)
                net.subnet().forward(x).host();
            else
                step();
            next += job->batch;
            if (next + job->batch > data->rows)
                next = 0;
        }
    }

  private:
    void begin_epoch(bool shuffled)
    {
        for (size_t i = 0; i < order.size(); i++)
            order[i] = i;
        if (shuffled)
            dataset_shuffle(order.data(), order.size(), &random);
    }

    void gather()
    {
        float *to = x.host_write_only();
        for (size_t i = 0; i < job->batch; i++) {
            dataset_row(to + i * data->columns, data, order[next + i]);
            labels[i] = (unsigned long)data->labels[order[next + i]];
        }
    }

    void step()
    {
        loss = net.compute_parameter_gradients(x, labels.begin());
        net.update_parameters(solvers, job->rate);
    }

    const bench_job *job;
    const dataset *data;
    net_type net;
    dlib::resizable_tensor x;
    std::vector<dlib::sgd> solvers;
    std::vector<size_t> order;
    std::vector<unsigned long> labels;
    size_t next = 0;
    uint64_t random = 1;
    double loss = 0;
};

template <typename net_type> network *make(const bench_job *job, const dataset *data)
{
    return new typed_network<net_type>(job, data);
}

const struct known {
    std::vector<size_t> sizes;
    bool batchnorm;
    network *(*make)(const bench_job *job, const dataset *data);
} known_networks[] = {
    {{3072, 50, 50, 10}, false, make<three<plain>>},
    {{3072, 50, 50, 10}, true, make<three<normed>>},
    {{3072, 50, 30, 20, 20, 10, 10, 10, 10, 10}, false, make<nine<plain>>},
    {{3072, 50, 30, 20, 20, 10, 10, 10, 10, 10}, true, make<nine<normed>>},
    {{3072, 1024, 1024, 10}, false, make<large>},
    {{20, 64, 64, 3}, false, make<tabular>},
    {{4, 8, 2}, false, make<small>},
};

void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    *reason = "has float32, and the networks compiled in, only";
    if (!job_is(job->dtype, "f32"))
        return nullptr;
    bool batchnorm = job->batchnorm && !job_is(job->kind, "predict");
    std::vector<size_t> sizes(job->sizes, job->sizes + job->layers + 1);
    for (const known &k : known_networks)
        if (k.sizes == sizes && k.batchnorm == batchnorm)
            return k.make(job, data);
    return nullptr;
}

void run(void *state, size_t repeats)
{
    static_cast<network *>(state)->run(repeats);
}

void release(void *state)
{
    delete static_cast<network *>(state);
}

} // namespace

int main()
{
    static char name[40];
    snprintf(name, sizeof name, "dlib %d.%d", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION);
    contestant dlib = {name, true, prepare, run, release, nullptr, nullptr};
    return worker_serve(&dlib);
}
