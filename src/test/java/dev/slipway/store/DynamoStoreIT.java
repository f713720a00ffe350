package dev.slipway.store;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.slipway.DynamoDbLocal;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;

/**
 * The contract on AWS's own DynamoDB Local, a table a test. On moto 5.2.5 all of it holds but one thing, the one that
 * matters most: concurrent writers lose updates there.
 */
class DynamoStoreIT extends StoreContract {
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
