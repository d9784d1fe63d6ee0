package fathom.guide.site;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A page in a headless Chromium, spoken to by the DevTools protocol.
final class Browser implements AutoCloseable {
    private static final String LISTENING = "DevTools listening on ";
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final WebSocket socket;
    private final AtomicInteger messages = new AtomicInteger();
    private final Map<Integer, CompletableFuture<Map<?, ?>>> answers = new ConcurrentHashMap<>();
    private final List<String> problems = new CopyOnWriteArrayList<>();
    private volatile CompletableFuture<Void> loaded = new CompletableFuture<>();
    private String session = "";

    private Browser(Process process, URI address) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(address, new Listener())
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /// The program, if there is one here.
    static Optional<Path> installed() {
        return Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst();
    }

    /// Starts one.
    ///
    /// @param folder empty, for what it keeps
    static Browser start(Path program, Path folder) throws IOException {
        Process process = new ProcessBuilder(
                        program.toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + folder,
                        "about:blank")
                .redirectErrorStream(true)
                .start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        while (line != null && !line.startsWith(LISTENING)) {
            line = output.readLine();
        }
        Thread.ofVirtual().start(() -> output.lines().forEach(ignored -> {}));
        Browser browser =
                new Browser(process, URI.create(Objects.requireNonNull(line).substring(LISTENING.length())));
        browser.attach();
        return browser;
    }

    private void attach() {
        Object target = call("Target.createTarget", "{\"url\":\"about:blank\"}").get("targetId");
        session = String.valueOf(call("Target.attachToTarget", "{\"targetId\":\"" + target + "\",\"flatten\":true}")
                .get("sessionId"));
        for (String domain : List.of("Page", "Runtime", "Log", "Network")) {
            call(domain + ".enable", "{}");
        }
    }

    /// How the page is seen.
    void see(int width, int height, boolean dark) {
        String size = "{\"width\":%d,\"height\":%d,\"deviceScaleFactor\":1,\"mobile\":%b}";
        call("Emulation.setDeviceMetricsOverride", size.formatted(width, height, width < 600));
        String media = "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"%s\"}]}";
        call("Emulation.setEmulatedMedia", media.formatted(dark ? "dark" : "light"));
    }

    /// Opens a page and waits until it has been loaded.
    void open(URI address) {
        loaded = new CompletableFuture<>();
        call("Page.navigate", "{\"url\":\"" + address + "\"}");
        loaded.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
    }

    /// The value of a JavaScript expression; a promise is waited for.
    @Nullable
    Object evaluate(String expression) {
        String text = new String(JsonStringEncoder.getInstance().quoteAsString(expression));
        Map<?, ?> answer = call(
                "Runtime.evaluate", "{\"expression\":\"" + text + "\",\"returnByValue\":true,\"awaitPromise\":true}");
        if (answer.containsKey("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + answer.get("exceptionDetails"));
        }
        return ((Map<?, ?>) Objects.requireNonNull(answer.get("result"))).get("value");
    }

    /// The strings in the array that an expression is.
    List<String> strings(String expression) {
        List<?> values = (List<?>) Objects.requireNonNull(evaluate(expression));
        return values.stream().map(String::valueOf).toList();
    }

    /// Errors on the console, exceptions, and files that could not be loaded, so far.
    List<String> problems() {
        return List.copyOf(problems);
    }

    /// Draws what is seen.
    void screenshot(Path file) throws IOException {
        Object data = call("Page.captureScreenshot", "{\"format\":\"png\"}").get("data");
        Files.write(file, Base64.getDecoder().decode(String.valueOf(data)));
    }

    private Map<?, ?> call(String method, String parameters) {
        int id = messages.incrementAndGet();
        CompletableFuture<Map<?, ?>> answer = new CompletableFuture<>();
        answers.put(id, answer);
        String of = session.isEmpty() ? "" : ",\"sessionId\":\"" + session + "\"";
        String message = "{\"id\":%d,\"method\":\"%s\",\"params\":%s%s}".formatted(id, method, parameters, of);
        socket.sendText(message, true).join();
        Map<?, ?> got = answer.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
        if (got.get("result") instanceof Map<?, ?> result) {
            return result;
        }
        throw new IllegalStateException(method + ": " + got.get("error"));
    }

    private void received(Map<?, ?> message) {
        if (message.get("id") instanceof Number id) {
            CompletableFuture<Map<?, ?>> answer = answers.remove(id.intValue());
            if (answer != null) {
                answer.complete(message);
            }
            return;
        }
        Map<?, ?> parameters = message.get("params") instanceof Map<?, ?> m ? m : Map.of();
        switch (String.valueOf(message.get("method"))) {
            case "Page.loadEventFired" -> loaded.complete(null);
            case "Runtime.exceptionThrown", "Network.loadingFailed" -> problems.add(String.valueOf(parameters));
            case "Runtime.consoleAPICalled" -> {
                if ("error".equals(parameters.get("type")) || "warning".equals(parameters.get("type"))) {
                    problems.add(String.valueOf(parameters));
                }
            }
            case "Log.entryAdded" -> problems.add(String.valueOf(parameters));
            default -> {}
        }
    }

    private final class Listener implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                received((Map<?, ?>) Objects.requireNonNull(parsed(text.toString())));
                text.setLength(0);
            }
            from.request(1);
            return null;
        }
    }

    private static @Nullable Object parsed(String json) {
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            parser.nextToken();
            return value(parser);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(parser));
                }
                return map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(parser));
                }
                return list;
            }
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> {
                return parser.getNumberValue();
            }
            case VALUE_TRUE, VALUE_FALSE -> {
                return parser.getBooleanValue();
            }
            case VALUE_STRING -> {
                return parser.getText();
            }
            default -> {
                return null;
            }
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
