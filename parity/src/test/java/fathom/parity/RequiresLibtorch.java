package fathom.parity;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.bytedeco.javacpp.Loader;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Skips the tests of a class, with a message, on platforms for which the build has no binary of
/// libtorch. Where it has one, a binary that does not load is a failure and no reason to skip.
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith({RequiresLibtorch.Condition.class, CurrentTest.class})
@interface RequiresLibtorch {
    /// Looks at the platform alone.
    final class Condition implements ExecutionCondition {
        private static final String SUPPORTED = "linux-x86_64";

        @Override
        public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
            return evaluate(Loader.getPlatform());
        }

        static ConditionEvaluationResult evaluate(String platform) {
            return platform.equals(SUPPORTED)
                    ? ConditionEvaluationResult.enabled("libtorch for " + platform)
                    : ConditionEvaluationResult.disabled("skipped: the build takes libtorch's binary for "
                            + SUPPORTED
                            + " only, and this is "
                            + platform);
        }
    }
}
