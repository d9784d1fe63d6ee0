import module fathom.core;
import module fathom.guide;

void main() {
    var lesson = Lesson.begin();

    // region secant
    for (double h : new double[] {1, 0.1, 0.01}) {
        double rise = square(3 + h) - square(3);
        IO.println("h = " + h + ", slope " + rise / h);
    }
    // end
    lesson.figure("secant-one", (square(4) - square(3)) / 1);
    lesson.figure("secant-tenth", (square(3.1) - square(3)) / 0.1);
    lesson.figure("secant-hundredth", (square(3.01) - square(3)) / 0.01);
    lesson.picture("secants", secants());

    // region slope
    var x = Tensor.of(new double[] {3});
    var y = x.mul(x);
    var slope = Gradients.of(y, x);
    IO.println("the slope of x² at 3: " + slope.item());
    // end
    lesson.figure("slope", slope.item());
    lesson.picture("slopes", slopes());

    // region forward-pass
    double input = 2;
    double weight = 0.5;
    double bias = -0.5;
    double target = 1;

    double z = weight * input + bias;
    double a = Math.tanh(z);
    double error = a - target;
    double loss = error * error;
    // end

    // region backward-pass
    double lossByError = 2 * error;
    double lossByA = lossByError * 1;
    double lossByZ = lossByA * (1 - a * a);
    double lossByWeight = lossByZ * input;
    double lossByBias = lossByZ * 1;
    // end
    lesson.figure("z", z);
    lesson.figure("a", a);
    lesson.figure("loss", loss);
    lesson.figure("by-a", lossByA);
    lesson.figure("by-z", lossByZ);
    lesson.figure("by-weight", lossByWeight);
    lesson.figure("by-bias", lossByBias);
    lesson.figure("by-input", lossByZ * weight);
    lesson.picture("graph", graph(
            String.format(Locale.ROOT, "%.4f %.4f %.4f %.4f", z, a, error, loss).split(" "),
            String.format(Locale.ROOT, "%.4f %.4f %.4f %.4f", lossByWeight, lossByZ, lossByA, lossByError).split(" ")));

    // region check
    var w = Tensor.of(new double[] {weight});
    var b = Tensor.of(new double[] {bias});
    var sameLoss = w.mul(input).add(b).tanh().sub(target).square();
    var gradients = Gradients.of(sameLoss, List.of(w, b));
    double difference = Math.max(
            Math.abs(gradients.get(0).item() - lossByWeight),
            Math.abs(gradients.get(1).item() - lossByBias));
    IO.println("by hand and by Gradients: apart by " + difference);
    // end
    lesson.figure("hand-difference", difference);

    // region step
    double betterWeight = weight - 0.1 * lossByWeight;
    double betterBias = bias - 0.1 * lossByBias;
    double betterError = Math.tanh(betterWeight * input + betterBias) - target;
    double betterLoss = betterError * betterError;
    IO.println("the loss was " + loss + ", now it is " + betterLoss);
    // end
    lesson.figure("loss-after-step", betterLoss);

    // region twice
    var p = Tensor.of(new double[] {3});
    var q = p.mul(p).add(p);
    IO.println("along all ways: " + Gradients.of(q, p).item());
    // end
    lesson.figure("all-ways", Gradients.of(q, p).item());

    // region layer
    var inputs = Tensor.of(new double[] {1, 2, 0, -1, 3, 1}, 3, 2);
    var weights = Tensor.of(new double[] {0.5, -1, 2, 0.25}, 2, 2);
    var targets = Tensor.of(new double[] {1, 0, 0, 1, 2, 2}, 3, 2);

    var outputs = inputs.matmul(weights);
    var meanError = outputs.sub(targets).square().mean();

    var byOutputs = outputs.sub(targets).mul(2.0 / outputs.size());
    var byWeights = inputs.transpose().matmul(byOutputs);
    // end
    var layerDifference = byWeights.sub(Gradients.of(meanError, weights)).abs().max();
    lesson.figure("layer-difference", layerDifference.item());

    // region errors
    double[] hs = new double[13];
    double[] forward = new double[13];
    double[] central = new double[13];
    for (int k = 0; k < 13; k++) {
        double h = Math.pow(10, -1 - k);
        double at = 0.7;
        double exact = 3 * at * at;
        double oneSided = (cube(at + h) - cube(at)) / h;
        double twoSided = (cube(at + h) - cube(at - h)) / (2 * h);
        hs[k] = h;
        forward[k] = Math.abs(oneSided - exact);
        central[k] = Math.abs(twoSided - exact);
    }
    // end
    lesson.figure("forward-digits", -Math.log10(Arrays.stream(forward).min().orElseThrow()));
    lesson.figure("central-digits", -Math.log10(Arrays.stream(central).min().orElseThrow()));
    lesson.picture("errors", Plot.of("How far a measured slope is off")
            .x("h").y("error").logX().logY()
            .line("one-sided", hs, forward)
            .line("two-sided", hs, central));

    // region higher
    var t = Tensor.of(new double[] {3});
    var first = Gradients.of(t.mul(t).mul(t), t);
    var second = Gradients.of(first, t);
    IO.println("x³ at 3: slope " + first.item() + ", slope of the slope " + second.item());
    // end
    lesson.figure("first", first.item());
    lesson.figure("second", second.item());

    // region kink
    var corner = Tensor.of(new double[] {0});
    IO.println("max(0, x) at 0: " + Gradients.of(corner.relu(), corner).item());
    // end
    lesson.figure("kink", Gradients.of(corner.relu(), corner).item());

    // What the solutions of the exercises say.
    double far = Math.tanh(15);
    lesson.figure("far-slope", (1 - far * far) * 1e13);
    var v = Tensor.of(new double[] {0.3});
    lesson.figure("product-slope", Gradients.of(v.mul(v.tanh()), v).item());
}

// region square
double square(double x) {
    return x * x;
}
// end

// region cube
double cube(double x) {
    return x * x * x;
}
// end

/// Lines through (3, 9) and a second point that comes nearer.
Picture secants() {
    var frames = new ArrayList<Plot>();
    for (double h : new double[] {3, 2.5, 2, 1.5, 1, 0.5, 0.2, 0.05}) {
        double slope = (square(3 + h) - square(3)) / h;
        frames.add(Plot.of(String.format(Locale.ROOT, "h = %.2f: the slope of the line is %.2f", h, slope))
                .x("x").y("y").rangeX(-1, 7).rangeY(-10, 40)
                .curve("x²", v -> square(v), -1, 7)
                .curve("line through both points", v -> 9 + slope * (v - 3), -1, 7)
                .points("", new double[] {3, 3 + h}, new double[] {9, square(3 + h)}));
    }
    return Animation.of("A line through two points of a parabola turns as they come together", 0.9, frames);
}

/// The parabola with its tangents, and beneath each place its slope.
Picture slopes() {
    var places = new double[] {-2, 0, 1, 3};
    var curve = Plot.of("x² and its tangents").x("x").y("y").size(420, 380)
            .rangeX(-3.5, 4.5).rangeY(-4, 16)
            .curve("", v -> square(v), -3.5, 4.5);
    for (double at : places) {
        curve = curve.curve("", v -> square(at) + 2 * at * (v - at), at - 1.2, at + 1.2).colour(1);
    }
    var derivative = Plot.of("How steep it is: 2x").x("x").y("slope").size(420, 380)
            .rangeX(-3.5, 4.5).rangeY(-8, 10)
            .curve("", v -> 2 * v, -3.5, 4.5).colour(1)
            .points("", places, Arrays.stream(places).map(v -> 2 * v).toArray());
    return Panels.of("A parabola with tangents, and their slopes", 2, curve, derivative);
}

/// The neuron as a graph: values forwards in the boxes, slopes backwards on the arrows.
Picture graph(String[] values, String[] slopes) {
    return Diagram.of("Values go forwards (in the boxes), slopes come backwards (above the arrows)")
            .box("w", 0, 0, 3, "w", "0.5").box("x", 0, 1, 3, "x", "2")
            .box("wx", 1, 0.5, "w · x", "1").box("b", 1, 1.5, 3, "b", "-0.5")
            .box("z", 2, 1, "z = wx + b", values[0]).box("a", 3, 1, "a = tanh z", values[1])
            .box("e", 4, 1, "e = a - t", values[2]).box("l", 5, 1, 1, "loss = e²", values[3])
            .arrow("w", "wx", slopes[0]).arrow("x", "wx", "")
            .arrow("wx", "z", slopes[1]).arrow("b", "z", slopes[1])
            .arrow("z", "a", slopes[1]).arrow("a", "e", slopes[2]).arrow("e", "l", slopes[3]);
}
