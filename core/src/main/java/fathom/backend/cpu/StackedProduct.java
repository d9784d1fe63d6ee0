package fathom.backend.cpu;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Some products of matrices, C = A · B each, one after the other: by all workers together, or by each some of
/// them.
///
/// @param a the places of all A, and so on
record StackedProduct(Gemm gemm, Gemm.Product product, Storage a, Storage b, Storage c) implements Contraction.Kernel {
    @Override
    public void run(Frame frame, @Nullable Epilogue epilogue) {
        gemm.multiply(product, frame.array(a), frame.operand(b), frame.array(c), epilogue);
    }

    /// Computes some of the products, inside of a task.
    ///
    /// @param shift how many layers further on, or back, a place is used than the matrix would be
    /// @param shifted by how much a layer shifts A, B and C
    void runLayers(Frame frame, int worker, int from, int to, int shift, int[] shifted) {
        Gemm.Product p = product;
        for (int layer = from; layer < to; layer++) {
            int ao = p.a().starts().get(layer) + shift * shifted[0];
            int bo = p.b().starts().get(layer) + shift * shifted[1];
            int co = layer * p.m() * p.n() + shift * shifted[2];
            gemm.multiplyOne(p, worker, frame.array(a), ao, frame.array(b), bo, frame.array(c), co);
        }
    }

    /// Whether each product has to do with one of as many equal parts of a place as there are products.
    boolean keepsToLayers(Storage place) {
        Gemm.Product p = product;
        return (place != a || a.size == p.batches() * p.m() * p.k() && p.a().follows(p.m() * p.k()))
                && (place != b || b.size == p.batches() * p.k() * p.n() && p.b().follows(p.k() * p.n()));
    }

    /// The places of A, B and C.
    List<Storage> places() {
        return List.of(a, b, c);
    }

    /// The same with other places for some.
    StackedProduct moved(Map<Storage, Storage> to) {
        return new StackedProduct(gemm, product, to.getOrDefault(a, a), to.getOrDefault(b, b), to.getOrDefault(c, c));
    }
}
