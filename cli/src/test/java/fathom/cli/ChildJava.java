package fathom.cli;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Another virtual machine with the classes of this one.
final class ChildJava {
    private ChildJava() {}

    /// Has it run a class. Its standard error goes to its standard output.
    static ProcessBuilder of(Class<?> main, Object... arguments) {
        List<String> paths = new ArrayList<>();
        paths.add(root(main).toString());
        Stream.of("jdk.module.path", "java.class.path")
                .map(p -> System.getProperty(p, ""))
                .filter(p -> !p.isEmpty())
                .forEach(paths::add);
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                String.join(File.pathSeparator, paths),
                main.getName()));
        Stream.of(arguments).map(Object::toString).forEach(command::add);
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    /// Has it run a class.
    ///
    /// @param log what its output is added to
    static Process start(Path log, Class<?> main, Object... arguments) throws IOException {
        return of(main, arguments)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                .start();
    }

    /// The folder that a class was compiled to: the classes of tests are on no path.
    private static Path root(Class<?> type) {
        URL resource = Objects.requireNonNull(type.getResource(type.getSimpleName() + ".class"));
        try {
            Path path = Path.of(resource.toURI());
            for (int i = 0; i < type.getName().split("\\.").length; i++) {
                path = Objects.requireNonNull(path.getParent());
            }
            return path;
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
