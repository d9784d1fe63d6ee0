package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PendingTest {
    @Test
    void aLoopThatReadsNothingStaysBounded() {
        Tensor x = Tensor.of(0, 1);
        int deepest = 0;
        for (int i = 0; i < 200_000; i++) {
            x = x.add(1);
            deepest = Math.max(deepest, x.node().depth());
        }
        assertThat(deepest).isLessThan(25_000);
        assertThat(x.toFloats()).containsExactly(200_000, 200_001);
    }

    @Test
    void aLoopThatReadsEachTimeStaysBounded() {
        Tensor x = Tensor.scalar(0);
        for (int i = 0; i < 30_000; i++) {
            x = x.add(1);
            x.evaluate();
        }
        assertThat(x.node().depth()).isLessThan(25_000);
        assertThat(x.item()).isEqualTo(30_000);
    }

    @Test
    void largeOperandsAreNotPiledUp() {
        Tensor batch = Tensor.ones(1 << 20).copy();
        Tensor x = batch.mul(0);
        long most = 0;
        for (int i = 0; i < 1200; i++) {
            x = x.add(batch);
            most = Math.max(most, x.node().isEvaluated() ? 0 : x.node().pendingBytes());
        }
        assertThat(most).isBetween(1L << 30, 2L << 30);
        assertThat(x.slice(0, 0, 2).toFloats()).containsExactly(1200, 1200);
    }

    @Test
    void whatIsNeverStoredMayBeLarge() {
        // 16 GiB, if the products were kept.
        Tensor x = Tensor.ones(46_000, 1).copy();
        Tensor products = x.mul(Tensor.ones(1, 46_000).copy()).mul(0.5).mul(2);
        assertThat(products.node().isEvaluated()).isFalse();
    }

    @Test
    void aGraphWhoseSizeIsOverestimatedIsStillRight() {
        Tensor x = Tensor.scalar(3);
        for (int i = 0; i < 200; i++) {
            x = x.add(x).mul(0.5);
        }
        assertThat(x.item()).isEqualTo(3);
    }

    @Test
    void aLongChainOnAVariableIsComputedInParts() {
        Variable v = Variable.of(Tensor.of(0, 1));
        Tensor x = v.value();
        for (int i = 0; i < 50_000; i++) {
            x = x.add(1);
        }
        assertThat(x.toFloats()).containsExactly(50_000, 50_001);
        v.set(x);
        assertThat(v.value().toFloats()).containsExactly(50_000, 50_001);
    }

    @Test
    void trainingStepsThatAreNeverReadStayBounded() {
        Variable w = Variable.of(Tensor.scalar(1));
        for (int i = 0; i < 3000; i++) {
            Device.current().commit(List.of(), List.of(w.to(w.value().mul(0.999))));
            assertThat(w.value().node().depth()).isZero();
        }
        assertThat(w.value().item()).isCloseTo(Math.pow(0.999, 3000), within(1e-5));
    }
}
