// oneDNN: its inner product, batchnorm and ReLU primitives; gathering, softmax and update are
// plain loops. Two networks are built, one with the weights in the layout that oneDNN prefers and
// one with plain rows; the faster one is measured. Prediction has no batchnorm, as if it had
// been folded into the weights.
extern "C" {
#include "worker.h"
}

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <memory>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

using namespace dnnl;
using tag = memory::format_tag;

namespace
{

struct device {
    engine cpu{engine::kind::cpu, 0};
    stream queue{cpu};
};

// An array with its oneDNN memory object.
struct array {
    memory m;
    float *data() const { return static_cast<float *>(m.get_data_handle()); }
    size_t size() const { return m.get_desc().get_size() / sizeof(float); }
};

array make_array(device &d, const memory::desc &shape, float value = 0)
{
    array a{memory(shape, d.cpu)};
    std::fill_n(a.data(), a.size(), value);
    return a;
}

memory::desc plain(memory::dims dims)
{
    tag t = dims.size() == 1 ? tag::a : dims.size() == 2 ? tag::ab : tag::nhwc;
    return {dims, memory::data_type::f32, t};
}

// The weights of a product. If blocked, the primitive chooses the layout.
memory::desc weights_desc(memory::dims dims, bool blocked)
{
    return blocked ? memory::desc(dims, memory::data_type::f32, tag::any) : plain(dims);
}

struct layer {
    memory::dim n, inputs, units;
    bool hidden, batchnorm;
    array w, dw, b, db, z, dz;        // z: output of the inner product
    array gamma, beta, dgamma, dbeta; // of batchnorm
    array mean, var, running_mean, running_var, y;
    array batchnorm_workspace; // where ReLU was positive
    array dx;
    std::vector<std::pair<primitive, std::unordered_map<int, memory>>> forward, backward;
};

struct network {
    const bench_job *job;
    const dataset *data;
    bool predicts;
    device d;
    array x;
    std::vector<layer> layers;
    std::vector<size_t> order;
    size_t next = 0;
    uint64_t random = 1;
};

void add_product(network &net, layer &l, const array &x, bool blocked)
{
    bool fused = l.hidden && !l.batchnorm;
    auto weights = weights_desc({l.units, l.inputs}, blocked);
    primitive_attr attributes;
    post_ops after;
    if (fused)
        after.append_eltwise(1, algorithm::eltwise_relu, 0, 0);
    attributes.set_post_ops(after);
    auto kind = net.predicts ? prop_kind::forward_inference : prop_kind::forward_training;
    inner_product_forward::primitive_desc forward(
        {kind, x.m.get_desc(), weights, plain({l.units}), plain({l.n, l.units})},
        attributes, net.d.cpu);
    l.w = make_array(net.d, forward.weights_desc());
    for (size_t i = 0; i < l.w.size(); i++)
        l.w.data()[i] = std::sqrt(2.f / float(l.inputs)) * dataset_random(&net.random);
    l.b = make_array(net.d, plain({l.units}));
    l.z = make_array(net.d, plain({l.n, l.units}));
    l.forward.push_back({inner_product_forward(forward),
                         {{DNNL_ARG_SRC, x.m},
                          {DNNL_ARG_WEIGHTS, l.w.m},
                          {DNNL_ARG_BIAS, l.b.m},
                          {DNNL_ARG_DST, l.z.m}}});
    if (net.predicts)
        return;

    l.dz = make_array(net.d, plain({l.n, l.units}));
    l.dw = make_array(net.d, forward.weights_desc());
    l.db = make_array(net.d, plain({l.units}));
    inner_product_backward_weights::primitive_desc dw(
        {x.m.get_desc(), forward.weights_desc(), plain({l.units}), plain({l.n, l.units})},
        net.d.cpu, forward);
    l.backward.push_back({inner_product_backward_weights(dw),
                          {{DNNL_ARG_SRC, x.m},
                           {DNNL_ARG_DIFF_DST, l.dz.m},
                           {DNNL_ARG_DIFF_WEIGHTS, l.dw.m},
                           {DNNL_ARG_DIFF_BIAS, l.db.m}}});
    if (&l == &net.layers[0])
        return;
    l.dx = make_array(net.d, plain({l.n, l.inputs}));
    inner_product_backward_data::primitive_desc dx(
        {plain({l.n, l.inputs}), forward.weights_desc(), plain({l.n, l.units})},
        net.d.cpu, forward);
    l.backward.push_back({inner_product_backward_data(dx),
                          {{DNNL_ARG_DIFF_DST, l.dz.m},
                           {DNNL_ARG_WEIGHTS, l.w.m},
                           {DNNL_ARG_DIFF_SRC, l.dx.m}}});
}

// The backward pass of ReLU, which is a post-op of the inner product in the forward pass.
void add_relu_backward(network &net, layer &l, const array &dy)
{
    auto shape = plain({l.n, l.units});
    auto relu = algorithm::eltwise_relu_use_dst_for_bwd;
    eltwise_forward::primitive_desc hint({prop_kind::forward_training, relu, shape, 0.f},
                                         net.d.cpu);
    eltwise_backward::primitive_desc backward({relu, shape, shape, 0.f}, net.d.cpu, hint);
    l.backward.insert(l.backward.begin(), {eltwise_backward(backward),
                                           {{DNNL_ARG_DST, l.z.m},
                                            {DNNL_ARG_DIFF_DST, dy.m},
                                            {DNNL_ARG_DIFF_SRC, l.dz.m}}});
}

memory as_image(const array &a, const layer &l, const device &d)
{
    return memory(plain({l.n, l.units, 1, 1}), d.cpu, a.data());
}

void add_batchnorm(network &net, layer &l)
{
    auto shape = plain({l.n, l.units, 1, 1}), units = plain({l.units});
    auto flags = normalization_flags::use_scale | normalization_flags::use_shift |
                 normalization_flags::fuse_norm_relu;
    batch_normalization_forward::primitive_desc forward(
        {prop_kind::forward_training, shape, 1e-5f, flags}, net.d.cpu);
    l.y = make_array(net.d, plain({l.n, l.units}));
    l.batchnorm_workspace.m = memory(forward.workspace_desc(), net.d.cpu);
    l.gamma = make_array(net.d, units, 1);
    for (array *a :
         {&l.beta, &l.dgamma, &l.dbeta, &l.mean, &l.var, &l.running_mean, &l.running_var})
        *a = make_array(net.d, units);
    l.forward.push_back({batch_normalization_forward(forward),
                         {{DNNL_ARG_SRC, as_image(l.z, l, net.d)},
                          {DNNL_ARG_DST, as_image(l.y, l, net.d)},
                          {DNNL_ARG_SCALE, l.gamma.m},
                          {DNNL_ARG_SHIFT, l.beta.m},
                          {DNNL_ARG_MEAN, l.mean.m},
                          {DNNL_ARG_VARIANCE, l.var.m},
                          {DNNL_ARG_WORKSPACE, l.batchnorm_workspace.m}}});
}

void add_batchnorm_backward(network &net, layer &l, const array &dy)
{
    auto shape = plain({l.n, l.units, 1, 1});
    auto flags = normalization_flags::use_scale | normalization_flags::use_shift |
                 normalization_flags::fuse_norm_relu;
    batch_normalization_forward::primitive_desc hint(
        {prop_kind::forward_training, shape, 1e-5f, flags}, net.d.cpu);
    batch_normalization_backward::primitive_desc backward(
        {prop_kind::backward, shape, shape, 1e-5f, flags}, net.d.cpu, hint);
    l.backward.insert(l.backward.begin(), {batch_normalization_backward(backward),
                                           {{DNNL_ARG_SRC, as_image(l.z, l, net.d)},
                                            {DNNL_ARG_MEAN, l.mean.m},
                                            {DNNL_ARG_VARIANCE, l.var.m},
                                            {DNNL_ARG_SCALE, l.gamma.m},
                                            {DNNL_ARG_SHIFT, l.beta.m},
                                            {DNNL_ARG_WORKSPACE, l.batchnorm_workspace.m},
                                            {DNNL_ARG_DIFF_DST, as_image(dy, l, net.d)},
                                            {DNNL_ARG_DIFF_SRC, as_image(l.dz, l, net.d)},
                                            {DNNL_ARG_DIFF_SCALE, l.dgamma.m},
                                            {DNNL_ARG_DIFF_SHIFT, l.dbeta.m}}});
}

const array &output(const layer &l)
{
    return l.batchnorm ? l.y : l.z;
}

std::unique_ptr<network> make_network(const bench_job *job, const dataset *data,
                                      bool blocked)
{
    auto net = std::make_unique<network>();
    net->job = job;
    net->data = data;
    net->predicts = job_is(job->kind, "predict");
    auto n = memory::dim(job->batch);
    net->x = make_array(net->d, plain({n, memory::dim(job->sizes[0])}));
    net->layers.resize(job->layers);
    for (size_t i = 0; i < job->layers; i++) {
        layer &l = net->layers[i];
        l.n = n;
        l.inputs = memory::dim(job->sizes[i]);
        l.units = memory::dim(job->sizes[i + 1]);
        l.hidden = i + 1 < job->layers;
        l.batchnorm = l.hidden && job->batchnorm && !net->predicts;
        add_product(*net, l, i > 0 ? output(net->layers[i - 1]) : net->x, blocked);
        if (l.batchnorm)
            add_batchnorm(*net, l);
    }
    for (size_t i = 0; i + 1 < job->layers && !net->predicts; i++) {
        layer &l = net->layers[i];
        const array &dy = net->layers[i + 1].dx;
        if (l.batchnorm)
            add_batchnorm_backward(*net, l, dy);
        else
            add_relu_backward(*net, l, dy);
    }
    net->order.resize(data->rows);
    return net;
}

void gather(network &net)
{
    size_t batch = net.job->batch, columns = net.data->columns;
    for (size_t i = 0; i < batch; i++)
        dataset_row(net.x.data() + i * columns, net.data, net.order[net.next + i]);
}

// Writes the gradient of the mean cross-entropy to the last layer's dz.
float loss_gradient(network &net)
{
    layer &last = net.layers.back();
    size_t units = size_t(last.units), n = net.job->batch;
    float loss = 0;
    for (size_t r = 0; r < n; r++) {
        const float *y = last.z.data() + r * units;
        float *d = last.dz.data() + r * units, top = *std::max_element(y, y + units),
              sum = 0;
        for (size_t k = 0; k < units; k++)
            sum += d[k] = std::exp(y[k] - top);
        for (size_t k = 0; k < units; k++)
            d[k] /= sum * float(n);
        size_t label = size_t(net.data->labels[net.order[net.next + r]]);
        loss -= std::log(d[label] * float(n));
        d[label] -= 1 / float(n);
    }
    return loss / float(n);
}

void update(const array &p, const array &d, float rate, float decay)
{
    float *values = p.data();
    const float *gradient = d.data();
    for (size_t i = 0, n = p.size(); i < n; i++)
        values[i] -= rate * (gradient[i] + decay * values[i]);
}

void average(const array &running, const array &batch)
{
    for (size_t i = 0; i < running.size(); i++)
        running.data()[i] = 0.9f * running.data()[i] + 0.1f * batch.data()[i];
}

void update_layer(const bench_job &job, const layer &l)
{
    float rate = float(job.rate);
    update(l.w, l.dw, rate, float(2 * job.lambda));
    if (!l.batchnorm) {
        update(l.b, l.db, rate, 0);
        return;
    }
    update(l.gamma, l.dgamma, rate, 0);
    update(l.beta, l.dbeta, rate, 0);
    average(l.running_mean, l.mean);
    average(l.running_var, l.var);
}

void forward(network &net)
{
    for (const layer &l : net.layers)
        for (const auto &p : l.forward)
            p.first.execute(net.d.queue, p.second);
    net.d.queue.wait();
}

void train(network &net)
{
    if (net.next == 0)
        dataset_shuffle(net.order.data(), net.order.size(), &net.random);
    gather(net);
    forward(net);
    volatile float loss = loss_gradient(net);
    (void)loss;
    for (size_t i = net.layers.size(); i-- > 0;)
        for (const auto &p : net.layers[i].backward)
            p.first.execute(net.d.queue, p.second);
    net.d.queue.wait();
    for (const layer &l : net.layers)
        update_layer(*net.job, l);
    net.next += net.job->batch;
    if (net.next + net.job->batch > net.order.size())
        net.next = 0;
}

// Predicts rows in place, without a copy.
void predict(network &net)
{
    net.x.m.set_data_handle((float *)net.data->x + net.next * net.data->columns);
    forward(net);
    net.next = (net.next + net.job->batch) % net.data->rows;
}

void run(void *state, size_t steps)
{
    network &net = *static_cast<network *>(state);
    for (size_t i = 0; i < steps; i++)
        if (net.predicts)
            predict(net);
        else
            train(net);
}

double seconds(network &net, size_t steps)
{
    auto start = std::chrono::steady_clock::now();
    run(&net, steps);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
        .count();
}

double best_seconds_per_step(network &net)
{
    size_t steps = size_t(0.03 / seconds(net, 1)) + 2;
    double best = seconds(net, steps);
    for (int i = 0; i < 3; i++)
        best = std::min(best, seconds(net, steps));
    return best / double(steps);
}

void *prepare(const bench_job *job, const dataset *data, const char **reason)
{
    if (!job_is(job->dtype, "f32")) {
        *reason = "has float32 only";
        return nullptr;
    }
    auto net = make_network(job, data, true);
    if (job_is(job->kind, "train") || job_is(job->kind, "predict")) {
        auto other = make_network(job, data, false);
        if (best_seconds_per_step(*other) < best_seconds_per_step(*net))
            net = std::move(other);
    }
    return net.release();
}

void release(void *state)
{
    delete static_cast<network *>(state);
}

} // namespace

int main()
{
    const dnnl_version_t *v = dnnl_version();
    static char name[40];
    snprintf(name, sizeof name, "oneDNN %d.%d.%d", v->major, v->minor, v->patch);
    contestant onednn = {name, true, prepare, run, release, nullptr, nullptr};
    return worker_serve(&onednn);
}
