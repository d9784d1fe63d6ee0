package fathom.models;

import fathom.nn.Embedding;
import fathom.nn.LayerNorm;
import fathom.nn.Linear;
import fathom.nn.Parameter;
import fathom.nn.RmsNorm;
import java.util.Map;
import java.util.Optional;

/// Weights that were loaded, by their path in the model, and the layers that are made of them.
///
/// @param parameters by path
record Weights(Map<String, Parameter> parameters) {
    private Parameter parameter(String path) {
        Parameter found = parameters.get(path);
        if (found == null) {
            throw new IllegalStateException("no weight " + path + ", expected it in the plan");
        }
        return found;
    }

    boolean has(String path) {
        return parameters.containsKey(path);
    }

    /// With a bias, if the plan has one.
    Linear linear(String path) {
        return new Linear(parameter(path + ".weight"), Optional.ofNullable(parameters.get(path + ".bias")));
    }

    Embedding embedding(String path) {
        return new Embedding(parameter(path + ".weight"));
    }

    LayerNorm layerNorm(String path, double epsilon) {
        return new LayerNorm(parameter(path + ".weight"), parameter(path + ".bias"), epsilon);
    }

    RmsNorm rmsNorm(String path, double epsilon) {
        return new RmsNorm(parameter(path + ".weight"), epsilon);
    }

    Parameter weight(String path) {
        return parameter(path + ".weight");
    }
}
