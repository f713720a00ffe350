package dev.slipway.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.DynamoDbLocal;
import dev.slipway.store.DynamoStore;
import dev.slipway.store.Store;
import dev.slipway.store.StoreTable;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/** The same on AWS's own DynamoDB Local. */
class ServicesAtOnceIT extends ServicesAtOnce {
    private static DynamoDbClient dynamo;

    @BeforeAll
    static void connect() {
        dynamo = DynamoDbLocal.get().client(DynamoDbClient.builder());
    }

    @AfterAll
    static void close() {
        dynamo.close();
    }

    @Override
    Store open(ObjectMapper mapper, InstantSource clock) {
        String table = "slipway-" + UUID.randomUUID();
        StoreTable.create(dynamo, table);
        return new DynamoStore(dynamo, table, mapper, clock);
    }
}
