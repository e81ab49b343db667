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
    STG010 Other "output_dir: /lake (owned by another user)" "output_dir: ./lake"
    STG011 Other "output_dir: ./orders.csv" "output_dir: ./lake"
    STG012 Other "two runs of one date at once" "one after the other"
    STG013 Other "chmod 000 lake" "chmod 755 lake"
    STG014 Other "rm lake/bronze/…/part-0001-….parquet" "medallion bronze --date DATE"
    STG015 Other "load_pattern: cdc (after a run with full, without pattern folders)" "partitioning:\n  use_pattern_folder: true"
    VAL010 Other "error_handling:\n  enabled: true\n  max_bad_records: 0" "error_handling:\n  enabled: true\n  max_bad_records: 50"
    VAL011 Other "a full extract with half of yesterday's keys" "rulings:\n  2025-01-02: accept"
    VAL012 Other "primary_keys: [ordre_id]" "primary_keys: [order_id]"
    VAL013 Other "order_column: changed_at (text in Bronze)" "run:\n  schema: {changed_at: timestamp}"
    VAL014 Other "rename_map: {a: id, b: id}" "rename_map: {a: id, b: parent_id}"
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
    RUN010 Other "medallion silver --date 2025-01-02" "medallion run --date 2025-01-02"
    RUN011 Other "Ctrl-C" "medallion run"
    RUN012 Other "medallion show --date 1925-01-02" "medallion show --date 2025-01-02"
    RUN014 Other "rm -r lake/bronze/…/dt=2025-01-01; medallion silver" "medallion silver --accept-lost-history"
    RUN020 Other "a key that only a newer version acts on" "the same without the key"
    RUN013 Other "error[RUN013]" "a report with the message"
}
