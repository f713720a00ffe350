package dev.slipway.store;

import static software.amazon.awssdk.services.dynamodb.model.ScalarAttributeType.S;

import dev.slipway.store.Expressions.Attributes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeDefinition;
import software.amazon.awssdk.services.dynamodb.model.BillingMode;
import software.amazon.awssdk.services.dynamodb.model.KeySchemaElement;
import software.amazon.awssdk.services.dynamodb.model.KeyType;

/** The table that {@link DynamoStore} works on, for emulators; in an account, template.yaml makes it. */
public final class StoreTable {
    private StoreTable() {}

    public static void create(DynamoDbClient dynamo, String name) {
        dynamo.createTable(table -> table.tableName(name)
                .billingMode(BillingMode.PAY_PER_REQUEST)
                .attributeDefinitions(attribute(Attributes.PARTITION), attribute(Attributes.SORT))
                .keySchema(key(Attributes.PARTITION, KeyType.HASH), key(Attributes.SORT, KeyType.RANGE)));
    }

    private static AttributeDefinition attribute(String name) {
        return AttributeDefinition.builder()
                .attributeName(name)
                .attributeType(S)
                .build();
    }

    private static KeySchemaElement key(String name, KeyType type) {
        return KeySchemaElement.builder().attributeName(name).keyType(type).build();
    }
}
