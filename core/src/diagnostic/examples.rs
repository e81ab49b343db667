//! An example of each code: what leads to it, and what does not any more.
//!
//! Examples of CFG codes that one file can show are configurations, and a test loads them: the first
//! has the finding, the second has not.

use super::code::{self, Code};

/// What an example is a part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// A whole configuration.
    Whole,
    /// Keys of the top level beside `sources`.
    Top,
    /// Entries of `sources`.
    Entries,
    /// Keys of one entry of `sources`.
    Entry,
    /// Keys of `source`.
    Source,
    /// No configuration: a command, data, files.
    Other,
}

/// One example.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sample {
    /// Of which code.
    pub(crate) code: Code,
    /// What the texts are a part of.
    pub(crate) part: Part,
    /// What leads to the code.
    pub(crate) before: &'static str,
    /// The same, mended.
    pub(crate) after: &'static str,
}

/// The example of a code.
pub(crate) fn of(code: Code) -> Option<&'static Sample> {
    SAMPLES.iter().find(|sample| sample.code == code)
}

macro_rules! samples {
    ($($code:ident $part:ident $before:literal $after:literal)*) => {
        /// All of them, in the order of the codes.
        pub(crate) const SAMPLES: &[Sample] = &[
            $(Sample { code: code::$code, part: Part::$part, before: $before, after: $after }),*
        ];
    };
}

samples! {
    CFG001 Top "platform:\n  bronze:\n    local_path: ./lake" "platform:\n  bronze:\n    output_dir: ./lake"
    CFG002 Source "type: api\napi:\n  url: https://example.com\n  endpoint: /" "type: api\napi:\n  base_url: https://example.com\n  endpoint: /"
    CFG003 Source "type: api\napi:\n  base_url: https://example.com" "type: api\napi:\n  base_url: https://example.com\n  endpoint: /"
    CFG004 Whole
        "sources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG010 Source "file:\n\tpath: orders.csv" "file:\n  path: orders.csv"
    CFG011 Whole
        "- source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG012 Source "file:\n  path: orders.csv\n  path: returns.csv" "file:\n  path: orders.csv"
    CFG013 Source "file:\n  path: orders.csv\n  delimeter: ;" "file:\n  path: orders.csv\n  delimiter: ;"
    CFG014 Source "file:\n  format: csv" "file:\n  path: orders.csv\n  format: csv"
    CFG015 Source "file:\n  path: orders.csv\n  limit_rows: many" "file:\n  path: orders.csv\n  limit_rows: 1000"
    CFG016 Source "file:\n  path: orders.csv\n  format: cvs" "file:\n  path: orders.csv\n  format: csv"
    CFG017 Source "file:\n  path: ${ORDERS_DIR}/orders.csv" "file:\n  path: ${ORDERS_DIR:./data}/orders.csv"
    CFG018 Other "medallion run (of a dataset with `type: api`)" "medallion run --source orders (of one with `type: file`)"
    CFG019 Other "medallion validate ordres.yaml" "medallion validate orders.yaml"
    CFG020 Entries
        "- source: {type: file, system: shop, table: orders, file: {path: north.csv}}\n- source: {type: file, system: shop, table: orders, file: {path: south.csv}}"
        "- source: {type: file, system: shop, table: orders_north, file: {path: north.csv}}\n- source: {type: file, system: shop, table: orders_south, file: {path: south.csv}}"
    CFG021 Entry "silver:\n  model: scd_type_1\n  model_profile: snapshot\n  primary_keys: [id]" "silver:\n  model: scd_type_1\n  primary_keys: [id]"
    CFG022 Entry "silver:\n  model: scd_type_1" "silver:\n  model: scd_type_1\n  primary_keys: [id]"
    CFG023 Source "type: file\nfile:\n  path: orders.csv\ndb:\n  query: SELECT 1" "type: file\nfile:\n  path: orders.csv"
    CFG024 Source "file:\n  path: orders.parquet\n  delimiter: ;" "file:\n  path: orders.parquet"
    CFG025 Whole
        "config_version: 1\nsources: []"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG026 Other "medallion run --source ordres" "medallion run --source orders"
    CFG027 Other "one file of 20 MiB" "several files in one folder, each smaller than 16 MiB"
    CFG028 Whole
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}\n---\nconfig_version: 1"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG029 Entries
        "- name: orders\n  source: {type: file, system: shop, table: orders, file: {path: orders.csv}}\n- name: orders\n  source: {type: file, system: shop, table: returns, file: {path: returns.csv}}"
        "- name: orders\n  source: {type: file, system: shop, table: orders, file: {path: orders.csv}}\n- name: returns\n  source: {type: file, system: shop, table: returns, file: {path: returns.csv}}"
    CFG070 Source "type: db\ndb:\n  conn_str_env: SHOP_DB\n  base_query: SELECT * FROM orders" "type: db\ndb:\n  dsn_env_var: SHOP_DB\n  query: SELECT * FROM orders"
    CFG071 Whole
        "config_version: 1\nsystem: shop\nentity: orders\nbronze:\n  source_type: file\n  path_pattern: orders.csv\nsilver:\n  entity_kind: state\n  natural_keys: [id]\n  change_ts_column: changed_at"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}\n    silver:\n      model: scd_type_2\n      primary_keys: [id]\n      order_column: changed_at"
    CFG072 Source "# medallion: ignore CFG024\nfile:\n  path: orders.csv" "file:\n  path: orders.csv"
    CFG073 Source
        "file:\n  path: orders.json\n  delimiter: ; # medallion: ignore CFG024x"
        "file:\n  path: orders.json\n  delimiter: ; # medallion: ignore CFG024 the next delivery is CSV"
    CFG074 Source "# medallion: ignore CFG013\nfiel:\n  path: orders.csv" "file:\n  path: orders.csv"
    CFG030 Source
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  auth_type: bearer\n  auth_env_var: not-a-name-but-hunter2"
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  auth_type: bearer\n  auth_env_var: SHOP_TOKEN"
    CFG031 Whole
        "config_version: 99\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
        "config_version: 1\nsources:\n  - source: {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG032 Source
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  auth_type: bearer"
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  auth_type: bearer\n  auth_env_var: SHOP_TOKEN"
    CFG033 Source "type: db\ndb:\n  query: SELECT * FROM orders" "type: db\ndb:\n  dsn_env_var: SHOP_DB\n  query: SELECT * FROM orders"
    CFG034 Source
        "type: db\ndb:\n  dsn_env_var: SHOP_DB\n  query: SELECT * FROM orders WHERE id > ?"
        "type: db\ndb:\n  dsn_env_var: SHOP_DB\n  query: SELECT * FROM orders"
    CFG035 Top "platform:\n  bronze:\n    storage_backend: s3" "platform:\n  bronze:\n    storage_backend: s3\n    bucket: shop-bronze"
    CFG036 Top
        "platform:\n  storage_scope: onprem\n  bronze:\n    storage_backend: s3\n    bucket: shop-bronze"
        "platform:\n  storage_scope: cloud\n  bronze:\n    storage_backend: s3\n    bucket: shop-bronze"
    CFG037 Whole
        "config_version: 1\nplatform:\n  bronze: {storage_backend: s3, bucket: shop-bronze}\nsources:\n  - source:\n      {type: file, system: shop, table: orders, file: {path: orders.csv}, run: {output_dir: ./lake}}"
        "config_version: 1\nplatform:\n  bronze: {storage_backend: s3, bucket: shop-bronze}\nsources:\n  - source:\n      {type: file, system: shop, table: orders, file: {path: orders.csv}}"
    CFG038 Entry
        "silver:\n  entity_kind: event\n  natural_keys: [id]"
        "silver:\n  entity_kind: event\n  natural_keys: [id]\n  event_ts_column: happened_at"
    CFG039 Source
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  pagination:\n    page_size: 100"
        "type: api\napi:\n  base_url: https://example.com\n  endpoint: /\n  pagination:\n    type: page\n    page_size: 100"
    CFG040 Other "# a.yaml\nextends: b.yaml\n# b.yaml\nextends: a.yaml" "# a.yaml\nextends: b.yaml\n# b.yaml extends nothing"
    CFG041 Top "extends: ../bse.yaml" "extends: ../base.yaml"
    CFG042 Other "medallion validate --env prd" "medallion validate --env prod"
    CFG044 Other "bronze:\n  partition_column: day" "# without the key"
    CFG046 Other "source:\n  run:\n    local_output_dir: ./output" "# what `medallion migrate` writes"
    CFG047 Other
        "# environments/dev.yaml\nsources:\n  - name: ordres\n    source: {file: {limit_rows: 100}}"
        "# environments/dev.yaml\nsources:\n  - name: orders\n    source: {file: {limit_rows: 100}}"
    CFG048 Entry "name: ${REGION}_orders" "name: north_orders"
    CFG049 Other "source: &shared\n  type: file\nx-copy: *shared" "source:\n  type: file"
    CFG050 Other "set `sources[7].name` in a file with two sources" "set `sources[1].name`"
    CFG051 Other "set `sources[0].source.run.write_csv` where `run: *defaults` stands" "write `run: {write_csv: true}` there first"
    CFG052 Other "? path\n: orders.csv" "path: orders.csv"
    CFG053 Other "set `limit_rows` to the literal `many`" "set `limit_rows` to the literal `1000`"
    CFG054 Other "rename `path` to `format` beside another `format`" "remove the other `format` first"
    CFG055 Other "an edit of `file: {path: orders.csv`" "an edit of `file: {path: orders.csv}`"
    CFG056 Other "save as `data/orders.yaml`" "save as `orders.yaml`"
    CFG057 Other "save in a folder without permission to write" "give the permission, or save elsewhere"
    CFG065 Other "medallion new csv-full" "medallion new file-full"
    CFG066 Other "medallion new file-full" "medallion new file-full --set path=orders.csv"
    CFG067 Other "medallion discover https://example.com/orders" "medallion discover orders.csv"
    CFG068 Other "medallion discover ./empty" "medallion discover ./data"
    CFG069 Other "medallion discover orders.csv --output orders.yaml (which exists)" "medallion discover orders.csv --output orders-2.yaml"
    CFG060 Other "a: [1," "a: [1]"
    CFG061 Other "query: |\n  # medallion: ignore CFG024\n  SELECT 1" "query: | # medallion: ignore CFG024\n  SELECT 1"
    EXT001 Other "a source that ends in the middle" "the whole source"
    EXT010 Other "path: ./data/ordres.csv" "path: ./data/orders.csv"
    EXT011 Other "path: ./data" "path: ./data/orders.csv"
    EXT012 Other "orders.csv of 0 bytes" "orders.csv with at least its header"
    EXT013 Other "id,name,id" "id,name,parent_id"
    EXT014 Other "file:\n  path: ./orders.txt" "file:\n  path: ./orders.txt\n  format: csv"
    EXT015 Other "file:\n  path: ./latin.csv" "file:\n  path: ./latin.csv\n  encoding: latin1"
    EXT016 Other "id,name\n1,Ana\n2" "id,name\n1,Ana\n2,Bo"
    EXT017 Other "columns: [id, nmae]" "columns: [id, name]"
    EXT018 Other "file:\n  path: ./orders.csv\n  format: parquet" "file:\n  path: ./orders.csv\n  format: csv"
    EXT019 Other "chmod 000 orders.csv" "chmod 644 orders.csv"
    EXT020 Other "amount\n1.50\n(1,000 such lines)\nunknown" "run:\n  null_values: [unknown]"
    EXT021 Other "id,name" "id,name\n1,Ana"
    EXT022 Other "run:\n  write_parquet: false\n  write_csv: true" "run:\n  write_parquet: true"
    DOC011 Other "storage_scope: onprem\noutput_dir: /mnt/cloud-bucket" "storage_scope: onprem\noutput_dir: /srv/lake"
    EXT040 Other "base_url: http://127.0.0.1:1" "base_url: https://api.example.com"
    EXT041 Other "endpoint: /v1/ordres (404)" "endpoint: /v1/orders"
    EXT042 Other "base_url: https://example.com (a page for people)" "base_url: https://api.example.com"
    EXT043 Other "{\"error\": {\"message\": \"no such account\"}}" "{\"data\": [{\"id\": 1}]}"
    EXT044 Other "rate_limit_hz: 100 (the API allows 5)" "rate_limit_hz: 5"
    EXT045 Other "deadline_seconds: 10 (for an hour of pages)" "deadline_seconds: 7200"
    EXT046 Other "several datasets of a host that is down" "the same when it answers again"
    EXT047 Other "headers: {\"X Name\": a}" "headers: {X-Name: a}"
    EXT048 Other "response_schema: ./nowhere.json" "response_schema: ./schemas/order.json"
    EXT049 Other "data_path: meta.count" "data_path: items"
    EXT050 Other "MEDALLION_SCRATCH_DIR=/proc medallion run" "MEDALLION_SCRATCH_DIR=/var/tmp medallion run"
    EXT051 Other "path_params: {team_id: identifier}" "path_params: {team_id: id}"
    EXT052 Other "base_url: https://intern.example.com" "tls: {ca_file: ./certs/ca.pem}"
    EXT053 Other "{\"data\": {\"users\": [{\"id\": 1, \"mail\": null}]}, \"errors\": [{\"path\": [\"mail\"]}]}" "{\"data\": {\"users\": [{\"id\": 1, \"mail\": \"a@b.example\"}]}}"
    AUTH010 Other "auth_env_var: SHOP_TOKEN (not set)" "SHOP_TOKEN=… medallion run"
    AUTH011 Other "auth_scheme: Bearer (the API wants Token)" "auth_scheme: Token"
    AUTH012 Other "scopes: [orders.list]" "scopes: [orders.read]"
    AUTH013 Other "client_secret_in: header (the server reads the body)" "client_secret_in: body"
    AUTH014 Other "base_url: https://example.com (redirects to https://api.example.com)" "base_url: https://api.example.com"
    PAGE010 Other "page_param: pg (the API knows `page`)" "page_param: page"
    PAGE011 Other "max_pages: 10 (there are 12)" "max_pages: 1000"
    PAGE012 Other "total_path: meta.total_ever" "total_path: meta.total"
    PAGE013 Other "no `pagination`, and the answer has `next`" "pagination: {type: cursor, cursor: {type: response_field, field: next}}"
    PAGE014 Other "max_records: 100" "no `max_records`"
    PAGE015 Other "a filter that fits nothing, page after page" "has_more_path: meta.has_more"
    PAGE016 Other "cursor: {type: response_field, field: nxt}" "cursor: {type: response_field, field: next}"
    PAGE017 Other "type: page (the API has one page)" "type: none"
    STATE002 Other "null_cursor: fail (a record has no `updated_at`)" "null_cursor: include"
    STATE003 Other "cursor_type: timestamptz (values such as `v17`)" "cursor_type: text"
    STATE004 Other "cursor_param: since (the API knows `updated_since`)" "cursor_param: updated_since"
    EXT060 Other "dsn_env_var: ORDERS_DSN (not set)" "ORDERS_DSN=postgres://… medallion run"
    EXT061 Other "ORDERS_DSN=db.example.com/sales" "ORDERS_DSN=postgres://reader:…@db.example.com/sales"
    EXT062 Other "host: db.exmaple.com" "host: db.example.com"
    EXT063 Other "a password that was changed" "the new one in `DB_PASSWORD`"
    EXT064 Other "tls: {mode: verify_full}" "tls: {mode: verify_full, ca_file: ./certs/ca.pem}"
    EXT065 Other "query: SELECT * FROM ordres" "query: SELECT * FROM orders"
    EXT066 Other "cursor_column: updated" "cursor_column: updated_at"
    EXT067 Other "query: SELECT a.id, b.id FROM a JOIN b USING (id)" "query: SELECT a.id, b.id AS b_id FROM a JOIN b USING (id)"
    EXT068 Other "timeout_seconds: 5" "timeout_seconds: 120"
    EXT069 Other "a server that was restarted" "the same run once more"
    EXT070 Other "query: SELECT * FROM orders WHERE status = :status" "params: {status: active}"
    EXT071 Other "cursor_column: id\ninitial_value: 2024-01-01" "cursor_column: id\ninitial_value: 0"
    EXT072 Other "null_cursor: fail" "null_cursor: exclude"
    EXT073 Other "query: DELETE FROM t; SELECT * FROM t" "query: SELECT * FROM t"
    EXT074 Other "parallel_reads: {column: name}" "parallel_reads: {column: id}"
    EXT080 Other "path: ./data/orders-*.csv" "path: ./data/orders_*.csv"
    EXT081 Other "path: ./orders.csv.gz (cut off)" "path: ./orders.csv.gz (fetched again)"
    EXT082 Other "file_name_column: id" "file_name_column: source_file"
    EXT083 Other "command: [pyhton3, ./extract.py]" "command: [python3, ./extract.py]"
    EXT084 Other "env_vars: {TOKEN: NOT_SET}" "env_vars: {TOKEN: GITHUB_TOKEN}"
    EXT085 Other "command: [python3, ./extract.py] (which ends with status 3)" "command: [python3, ./extract.py] (which ends with status 0)"
    EXT086 Other "deadline_seconds: 1" "deadline_seconds: 600"
    EXT087 Other "stream: isues" "stream: issues"
    EXT088 Other "command: [echo, done]" "command: [python3, ./extract.py]"
    EXT089 Other "MEDALLION_SCRATCH_DIR=/full" "MEDALLION_SCRATCH_DIR=/var/tmp"
    STATE010 Other "a commit file that was written to by hand" "the file as it was"
    STATE011 Other "incremental: {cursor_field: id} (it was `updated_at`)" "incremental: {cursor_field: updated_at}"
    STATE012 Other "columns: [id, name] (the cursor is `updated_at`)" "columns: [id, name, updated_at]"
    STG010 Other "output_dir: /lake (owned by another user)" "output_dir: ./lake"
    STG011 Other "output_dir: ./orders.csv" "output_dir: ./lake"
    STG012 Other "two runs of one date at once" "one after the other"
    STG013 Other "chmod 000 lake" "chmod 755 lake"
    STG014 Other "rm lake/bronze/…/part-0001-….parquet" "medallion bronze --date DATE"
    STG015 Other "load_pattern: cdc (after a run with full, without pattern folders)" "partitioning:\n  use_pattern_folder: true"
    STG020 Other "bucket: my-bornze" "bucket: my-bronze"
    STG021 Other "AWS_SECRET_ACCESS_KEY without its last character" "AWS_SECRET_ACCESS_KEY as it was given"
    STG022 Other "a key that may read, not write" "a key with s3:PutObject and s3:DeleteObject"
    STG023 Other "a machine whose clock is an hour late" "the same machine with its clock set by NTP"
    STG024 Other "endpoint_url: http://minio:9001" "endpoint_url: http://minio:9000"
    STG025 Other "endpoint_url: https://minio.internal:9000" "endpoint_url: https://minio.internal:9000\nca_file: ./certs/ca.pem"
    STG026 Other "forty runs on one small service at once" "four at a time"
    STG027 Other "a service that is down, asked by run after run" "the same service, up again"
    STG028 Other "a network that fails while a commit is put" "medallion run, once more"
    STG029 Other "a service that ignores If-None-Match" "a newer version of it"
    STG030 Other "a laptop that slept in the middle of a run" "medallion run, once more"
    STG031 Other "profile: analytics (in no file)" "profile: default"
    STG032 Other "aws s3 cp new.parquet s3://lake/…/part-0001-….parquet" "medallion run"
    STG033 Other "500 Internal Server Error" "medallion run, later"
    STG034 Other "region: us-east-1" "region: eu-central-1"
    STG060 Other "rm lake/bronze/…/part-0001-….parquet" "medallion bronze --date DATE"
    STG061 Other "truncate --size 100 lake/bronze/…/part-0001-….parquet" "medallion bronze --date DATE"
    STG062 Other "a bit of lake/silver/…/part-0001-….parquet was flipped" "medallion silver --date DATE --rebuild"
    STG063 Other "cp orders.csv lake/bronze/…/dt=2025-01-01/" "rm lake/bronze/…/dt=2025-01-01/orders.csv"
    STG064 Other "a CSV part was edited and its checksum with it" "medallion bronze --date DATE"
    STG065 Other "a part has 90 rows, its metadata says 100" "medallion bronze --date DATE"
    STG066 Other "sed -i s/100/90/ lake/bronze/…/_metadata.json" "medallion bronze --date DATE"
    STG067 Other "sed -i s/100/90/ lake/bronze/…/_commits/3.json" "medallion bronze --date DATE"
    STG068 Other "kill -9 (a run)" "medallion gc"
    STG069 Other "a folder with part-0001.parquet and nothing else" "the folder with _checksums.json and _metadata.json"
    STG070 Other "medallion adopt out (a part was changed since)" "medallion bronze --date DATE"
    STG071 Other "an increment with a column more than the day has" "the whole day again"
    STG072 Other "medallion verify empty-folder" "medallion verify lake/bronze"
    STG073 Other "platform: {bronze: {output_dir: ./lake}}" "platform: {bronze: {output_dir: ./lake, retention: {days: 90}}}"
    VAL010 Other "error_handling:\n  enabled: true\n  max_bad_records: 0" "error_handling:\n  enabled: true\n  max_bad_records: 50"
    VAL011 Other "a full extract with half of yesterday's keys" "rulings:\n  2025-01-02: accept"
    VAL012 Other "primary_keys: [ordre_id]" "primary_keys: [order_id]"
    VAL013 Other "order_column: changed_at (text in Bronze)" "run:\n  schema: {changed_at: timestamp}"
    VAL014 Other "rename_map: {a: id, b: id}" "rename_map: {a: id, b: parent_id}"
    VAL020 Other "expect: [{check: in_set, columns: status, values: [open, closed]}] (a row has `opne`)" "expect: [{check: in_set, columns: status, values: [open, closed], on_fail: quarantine}]"
    JOIN001 Other "medallion join --left-path lake/orders (nothing is promoted)" "medallion run; medallion join --left-path …/entity=orders/v1 …"
    JOIN002 Other "medallion join --left-path lake/silver …" "medallion join --left-path lake/silver/domain=shop/entity=orders/v1 …"
    JOIN003 Other "medallion join --left-path A --right-path B" "medallion join --left-path A --right-path B --join-keys \"customer_id=id\""
    JOIN004 Other "join_key_pairs: {customer_id: id} (integer and text)" "run:\n  schema: {id: integer}"
    JOIN005 Other "join_keys: [custmer_id]" "join_keys: [customer_id]"
    JOIN006 Other "select_columns: [left.name, right.name]" "select_columns: {left.name: name, right.name: customer_name}"
    JOIN007 Other "quality_guards: {match_ratio: 1.0} (of 100 rows, 98 have a partner)" "quality_guards: {match_ratio: 0.95}"
    JOIN008 Other "output: {path: ./silver/domain=shop/entity=orders/v1}" "output: {path: ./silver/joined/orders_customers}"
    JOIN009 Other "spill_dir: /mnt/full" "spill_dir: /var/tmp"
    DOC001 Other "auth_env_var: SHOP_TOKEN (not set)" "SHOP_TOKEN=… medallion doctor"
    DOC002 Other "headers: {Authorization: …}" "headers: {Authorization: \"${SHOP_AUTH}\"}"
    DOC003 Other "a file on a network drive that hangs" "the same file on a drive that answers"
    DOC004 Other "orders_{run_date}.csv before today's delivery" "medallion run --date 2025-01-01"
    DOC005 Other "base_url: https://api.exmaple.com" "base_url: https://api.example.com"
    DOC006 Other "base_url: https://api.example.com:8444" "base_url: https://api.example.com"
    DOC007 Other "base_url: api.example.com" "base_url: https://api.example.com"
    DOC008 Other "output_dir: /mnt/share-without-locks" "output_dir: ./lake"
    DOC009 Other "a file server whose clock is an hour late" "the same server with its clock set by NTP"
    DOC010 Other "500 MiB free" "50 GiB free"
    QRY001 Other "--where \"amount >\"" "--where \"amount > 100\""
    QRY002 Other "--sort ordre_id" "--sort order_id"
    QRY003 Other "a sort of 100 million rows by a long text" "--where \"day = '2025-01-01'\" --sort note"
    QRY004 Other "medallion export … --to orders.csv (a file of that name is there)" "medallion export … --to orders_2.csv"
    QRY005 Other "--to /nowhere/orders.csv" "--to ./orders.csv"
    QRY006 Other "a file of another partition" "a file that `medallion show` lists"
    RUN010 Other "medallion silver --date 2025-01-02" "medallion run --date 2025-01-02"
    RUN011 Other "Ctrl-C" "medallion run"
    RUN012 Other "medallion show --date 1925-01-02" "medallion show --date 2025-01-02"
    RUN014 Other "rm -r lake/bronze/…/dt=2025-01-01; medallion silver" "medallion silver --accept-lost-history"
    RUN020 Other "a key that only a newer version acts on" "the same without the key"
    RUN080 Other "primary_keys: [order_id] (several lines of an order)" "primary_keys: [order_id, line]"
    RUN081 Other "primary_keys: [email] (empty in some records)" "primary_keys: [customer_id]"
    RUN082 Other "run: {schema: {amount: integer}} (the source has 12.50)" "run: {schema: {amount: \"decimal(12,2)\"}}"
    RUN083 Other "order_column: changed_at (text in the source)" "run: {schema: {changed_at: timestamptz}}"
    RUN084 Other "incremental: {cursor_field: update_at}" "incremental: {cursor_field: updated_at}"
    RUN085 Other "data_path: date" "data_path: data"
    RUN086 Other "run: {schema: {ammount: integer}}" "run: {schema: {amount: integer}}"
    RUN087 Other "a column that is null in every record" "run: {schema: {closed_at: timestamptz}}"
    RUN088 Other "medallion preview (a server that takes a minute)" "medallion preview --seconds 120"
    RUN013 Other "error[RUN013]" "a report with the message"
}
