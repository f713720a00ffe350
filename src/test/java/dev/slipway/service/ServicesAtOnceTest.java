package dev.slipway.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.store.MemoryStore;
import dev.slipway.store.Store;
import java.time.InstantSource;

class ServicesAtOnceTest extends ServicesAtOnce {
    @Override
    Store open(ObjectMapper mapper, InstantSource clock) {
        return new MemoryStore(mapper, clock);
    }
}
