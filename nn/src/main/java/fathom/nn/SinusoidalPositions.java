package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Adds waves to sequences `[..., T, C]`: element 2 i of place t gets `sin(t / base^(2 i / C))`,
/// element 2 i + 1 the cosine of the same. Vaswani et al.: *Attention is all you need* (2017).
///
/// @param base by how much the longest wave is longer than the shortest
public record SinusoidalPositions(double base) implements PositionalEncoding, Stateless {
    public SinusoidalPositions {
        Require.positive("sinusoidalPositions: base", base);
    }

    @Override
    public Tensor encode(Tensor x, Tensor places) {
        int width = x.dim(-1);
        Tensor angles = PositionalEncoding.angles(places, width, base);
        Tensor waves = Tensor.stack(2, angles.sin(), angles.cos()).flatten(1).slice(1, 0, width);
        return x.add(waves.cast(x.dtype()));
    }

    @Override
    public Shape output(Shape input) {
        Check.sample(input, 2, "[T, C]");
        return input;
    }
}
