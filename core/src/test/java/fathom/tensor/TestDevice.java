package fathom.tensor;

import java.util.concurrent.Callable;

/// The devices that tests run on, shared by all of them, as programs do.
public enum TestDevice {
    REFERENCE(Device.reference()),
    CPU(Device.cpu(2));

    private final Device device;

    TestDevice(Device device) {
        this.device = device;
    }

    public Device device() {
        return device;
    }

    public void run(Runnable body) {
        device.run(body);
    }

    public <T> T call(Callable<T> body) {
        return device.call(body);
    }
}
