package fathom.io;

import fathom.tensor.Tensor;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a program runs on.
final class Environment {
    /// What a kernel can be faster by.
    private static final Pattern FEATURE = Pattern.compile("sse4.*|avx.*|fma|f16c|amx.*|asimd.*|sve.*|i8mm|bf16");

    private Environment() {}

    /// Versions, operating system and processor, by name.
    static Map<String, String> here() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("fathom", version());
        all.put("java", System.getProperty("java.vendor") + " " + Runtime.version());
        all.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        all.put("architecture", System.getProperty("os.arch"));
        all.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        List<String> lines = processorLines();
        find(lines, "model name").ifPresent(name -> all.put("processor", name));
        find(lines, "flags")
                .or(() -> find(lines, "Features"))
                .ifPresent(features -> all.put("features", relevant(features)));
        return all;
    }

    private static String version() {
        return Optional.ofNullable(Tensor.class.getModule().getDescriptor())
                .flatMap(ModuleDescriptor::rawVersion)
                // On the class path there is the jar's manifest.
                .or(() -> Optional.ofNullable(Tensor.class.getPackage().getImplementationVersion()))
                .orElse("development");
    }

    /// Only Linux says it in a file.
    private static List<String> processorLines() {
        try {
            return Files.readAllLines(Path.of("/proc/cpuinfo"));
        } catch (IOException e) {
            return List.of();
        }
    }

    private static Optional<String> find(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name) && line.contains(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst();
    }

    private static String relevant(String features) {
        return Arrays.stream(features.split(" "))
                .filter(f -> FEATURE.matcher(f).matches())
                .collect(Collectors.joining(" "));
    }
}
