package fathom.parity;

import java.lang.reflect.Method;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/// Tells [Errors] which test is running, and has the table of errors written after all of them.
final class CurrentTest implements InvocationInterceptor, BeforeAllCallback {
    /// What is stored at the root is closed after all tests.
    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot()
                .getStore(ExtensionContext.Namespace.GLOBAL)
                .computeIfAbsent(CoverageWriter.class, _ -> new CoverageWriter());
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation, ReflectiveInvocationContext<Method> method, ExtensionContext context)
            throws Throwable {
        in(name(context), invocation);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> invocation, DynamicTestInvocationContext test, ExtensionContext context)
            throws Throwable {
        in(name(context), invocation);
    }

    private static void in(String name, Invocation<@Nullable Void> invocation) throws Throwable {
        ScopedValue.where(Errors.TEST, name).call(invocation::proceed);
    }

    /// A dynamic test has no method of its own: its name is that of the method it was made by.
    private static String name(ExtensionContext context) {
        Optional<ExtensionContext> at = Optional.of(context);
        while (at.isPresent() && at.get().getTestMethod().isEmpty()) {
            at = at.get().getParent();
        }
        ExtensionContext found = at.orElse(context);
        return found.getRequiredTestClass().getSimpleName() + "."
                + found.getRequiredTestMethod().getName();
    }
}
