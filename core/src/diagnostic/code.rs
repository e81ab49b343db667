//! The table of codes: what each means and how to mend it. `explain`, the reference page and the
//! front ends all read this table; a code exists only here.

use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

use super::predecessor;
use crate::nearest::nearest;

/// A code from the table, such as `CFG013`. Machines match it, people read its page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct Code(&'static str);

impl Code {
    /// The code as text.
    pub const fn as_str(self) -> &'static str {
        self.0
    }
    /// A code of the predecessor, which is no code of ours.
    pub(super) const fn of_predecessor(text: &'static str) -> Self {
        Self(text)
    }
    /// The code with this text, in any case, if the table has it.
    pub fn find(text: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.code.0.eq_ignore_ascii_case(text.trim())).map(|entry| entry.code)
    }
    /// Its row of the table.
    pub fn entry(self) -> Option<&'static Entry> {
        TABLE.iter().find(|entry| entry.code == self)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let former = || predecessor::find(&text).map(|former| former.code);
        Self::find(&text)
            .or_else(former)
            .ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a code of this program")))
    }
}

/// Codes whose place in the text is a secret, which is shown nowhere.
pub(crate) const SECRETS: &[Code] = &[CFG030, DOC002];

/// The code somebody may have meant by `text`.
pub(crate) fn nearest_code(text: &str) -> Option<Code> {
    nearest(text.trim(), TABLE.iter().map(|entry| entry.code.0)).and_then(Code::find)
}

/// One row: a code with its page.
#[derive(Debug)]
pub struct Entry {
    /// The code.
    pub code: Code,
    /// What it says in a few words.
    pub title: &'static str,
    /// What it means and how to mend it, in Markdown.
    pub explanation: &'static str,
}

impl Entry {
    /// What it means: the first paragraph.
    pub(crate) fn meaning(&self) -> &'static str {
        self.explanation.split_once("\n\n").map_or(self.explanation, |(meaning, _)| meaning)
    }
    /// How to mend it: the rest.
    pub(crate) fn cure(&self) -> &'static str {
        self.explanation.split_once("\n\n").map_or("", |(_, cure)| cure)
    }
}

macro_rules! codes {
    ($($code:ident $title:literal $explanation:literal)*) => {
        $(
            #[doc = $title]
            pub const $code: Code = Code(stringify!($code));
        )*
        /// Every code, in the order of the reference.
        pub(crate) const TABLE: &[Entry] = &[$(Entry { code: $code, title: $title, explanation: $explanation }),*];
    };
}

codes! {
    CFG001 "deprecated key `platform.bronze.local_path`"
        "The folder that Bronze is written to is named by `platform.bronze.output_dir`.\n\nRename `local_path` to `output_dir`. The old name is read until 2.0."
    CFG002 "deprecated key `source.api.url`"
        "The address of an API is given by `base_url`, with the path in `endpoint`.\n\nRename `url` to `base_url`. The old name is read until 2.0."
    CFG003 "no `source.api.endpoint`"
        "Without `endpoint` the API is asked at `/`.\n\nWrite the path you mean, even if it is `/`."
    CFG004 "no `config_version`"
        "`config_version` says which edition of the configuration language a file is written in.\n\nAdd `config_version: 1` as the first line."
    CFG010 "the file is not valid YAML"
        "The text cannot be read as YAML, so nothing else in it could be checked.\n\nMend the place shown. Tabs are not allowed for indentation; a value that contains `: ` or starts with a special character needs quotes."
    CFG011 "the file is not a mapping"
        "A configuration is a mapping of keys to values: `config_version`, `platform`, `sources`.\n\nStart from one of the files in `configs/`."
    CFG012 "the same key twice"
        "A key stands twice in one mapping, so one of the values would be lost.\n\nRemove one of the two."
    CFG013 "unknown key"
        "No setting has this name, so it would have no effect.\n\nUse the suggested name, or remove the key. `medallion explain` and the JSON Schema list the known ones."
    CFG014 "a required key is missing"
        "Without this key the dataset cannot be described.\n\nAdd it; the help names the place."
    CFG015 "a value of the wrong type"
        "The key is known but its value has another type than it needs: a text where a number is asked for, one value where a list is asked for.\n\nWrite the value in the form named. Values from `${VARIABLES}` are converted to the type of their key."
    CFG016 "a value that is not allowed"
        "The key takes one of a few values, or a value of a certain form.\n\nUse one of those listed."
    CFG017 "an environment variable is not set"
        "A value refers to `${NAME}`, but no such variable is in the environment, nor in the `.env` file beside the config or in the workspace root.\n\nSet it, or give a default: `${NAME:default}`."
    CFG018 "not available in this version"
        "The configuration is right, but the dataset needs a source, storage or model that this version of the program does not have yet. It is refused before anything of it runs; other datasets run.\n\nUse one of the alternatives named, or a newer version."
    CFG019 "the configuration file cannot be read"
        "The file or folder given does not exist, cannot be opened, is not text, or is larger than the limit for configurations.\n\nCheck the path and its permissions."
    CFG020 "two datasets would write to the same place"
        "Two datasets share one Bronze or Silver path and would overwrite each other.\n\nGive them different `system`/`table` (Bronze) or `domain`/`entity` (Silver) values."
    CFG021 "`model` and `model_profile` disagree"
        "Both are given and mean different models.\n\nRemove one of them."
    CFG022 "the model needs more keys"
        "The Silver model needs `primary_keys`, and some need `order_column`, to know which row of a key is the last.\n\nName them under `silver`."
    CFG023 "sections of a type that is not chosen"
        "The dataset has a section (`api`, `db`, `file`) that its `type` does not use.\n\nIt has no effect; remove it or change `type`."
    CFG024 "a setting that contradicts another"
        "Two settings cannot both hold.\n\nThe help says which and what to choose."
    CFG025 "no datasets"
        "The file or folder describes no dataset.\n\nAdd at least one entry under `sources`."
    CFG026 "an unusable argument"
        "An argument given to the command is not usable: a date that does not exist, a dataset nobody described.\n\nThe message names it and what is accepted."
    CFG027 "the configuration is too large or too deep"
        "Limits protect the program: 16 MiB of text, 64 levels of nesting, 1,000,000 nodes after anchors are expanded.\n\nSplit the file."
    CFG028 "several documents in one file"
        "A line `---` starts another document, and only the first one of a file would be read.\n\nPut each document into a file of its own, or remove the line."
    CFG029 "two datasets with one name"
        "The name of a dataset selects it (`--source`) and stands in every message, so each is used once in a file.\n\nRename one of the two; without `name` a dataset is called `<system>.<table>`."
    CFG040 "files extend each other in a circle"
        "`extends` names a file that, over one or more steps, extends this one again, so no file would be the first to count.\n\nRemove one of the `extends` of the circle that the message shows."
    CFG041 "a file to extend cannot be read"
        "`extends` names a file that does not exist or cannot be read. The path starts at the folder of the file that names it, and takes no variable.\n\nCorrect the path. What differs between environments belongs to `environments/<name>.yaml`."
    CFG042 "no such environment"
        "`--env NAME` lays the file `environments/NAME.yaml` over each configuration. It is looked for beside the config file, then in the workspace, then in the folder where the program was started.\n\nUse one of the environments that the message lists, or write the file."
    CFG044 "a key of the predecessor without an equal"
        "The predecessor of this program had this key; here nothing takes its place, so it has no effect. The message says what to do instead.\n\nRemove the key. `medallion migrate` leaves it out of the rewritten file and says so."
    CFG046 "something that differs from the predecessor"
        "The file is in a form of the predecessor. It means the same here but for what the message lists: relative paths start at the folder of the file, not at the working folder, and some defaults differ.\n\nWrite down what you mean, or migrate the file; then nothing is said any more."
    CFG047 "an overlay entry that changes nothing"
        "An entry of `sources` in `environments/<name>.yaml` changes the dataset that it names. This one has no `name`, or the name of a dataset that does not exist.\n\nWrite the name as `medallion validate` lists it. An overlay changes datasets and adds none."
    CFG048 "a variable in a name"
        "The names of datasets and of columns stand in messages and reports, and values of variables are never shown there.\n\nWrite the name itself. What differs between environments goes to `environments/<name>.yaml`."
    CFG049 "a file that cannot be migrated"
        "The file could not be rewritten without changing what it means, mostly because an anchor, an alias or a merge key (`<<`) shares a section between the old form and something else. Nothing was changed.\n\nWrite the shared section out where it is used, then migrate again."
    CFG060 "the text cannot be formatted"
        "Formatting changes indentation, spaces at line ends and blank lines only, reads the result again, and compares. Either the text is not valid YAML, so that nobody knows what it means, or the result would have been read differently. Nothing was changed.\n\nMend the syntax first; `medallion validate` says where."
    CFG061 "a comment has no place there"
        "A comment above this line would become part of a value, as inside of a text after `|`.\n\nPut `# medallion: ignore CODE` at the end of the line of the key, or mend the finding."
    CFG070 "a key of the predecessor"
        "The key is one of those that the predecessor of this program used. It is read as its successor.\n\nUse the successor named; `medallion migrate FILE` rewrites the whole file and keeps its comments. `medallion explain --deprecated` lists all such keys."
    CFG071 "the intent form"
        "The file describes its dataset by `system`, `entity`, `bronze` and `silver`, or as a list of `datasets`. It is read as the canonical form would be.\n\n`medallion migrate FILE` rewrites the file to the canonical form and keeps its comments."
    CFG072 "an ignore comment without effect"
        "A comment `# medallion: ignore CODE` hides findings of that code on the next line, and there is none.\n\nRemove the code from the comment, or the comment."
    CFG073 "an ignore comment that cannot be followed"
        "A comment `# medallion: ignore` names no code, or a code that does not exist.\n\nName the codes that are meant, separated by commas, and after them the reason: `# medallion: ignore CFG024 the header is checked elsewhere`."
    CFG074 "an error cannot be ignored"
        "A comment asks to hide an error. Errors say that the dataset cannot run as it is described, so they stay; warnings and remarks can be hidden.\n\nMend the error, then remove the comment."
    CFG030 "a secret where a variable's name belongs"
        "Secrets never stand in a configuration: keys that end in `_env_var` take the name of an environment variable, and addresses have no user name or password in them.\n\nPut the secret into the environment or into a `.env` file that is not shared, and write the name of the variable here. If the file was ever shared, replace the secret."
    CFG031 "written for a newer program"
        "`config_version` names an edition of the configuration language that this program does not know yet, so it could misread the rest.\n\nUse a newer version of the program. If the number is a slip, write the newest edition that the message names."
    CFG032 "authentication lacks its secret"
        "The API asks who is there, but the config does not name the variable that holds the answer, or names one and no way to use it. Nothing is ever sent unauthenticated by accident.\n\nName the variable, and the kind of authentication with `auth_type`."
    CFG033 "a database that cannot be reached or asked"
        "To read a database the program needs to know where it is (`dsn_env_var`, or `host_env_var` with `driver`) and what to ask (`query`, `query_file` or `table`).\n\nAdd what the message names."
    CFG034 "an incremental extract that cannot work"
        "An incremental extract needs a cursor that reaches the source, and a load pattern that knows its partitions are parts: `cdc`.\n\nThe help says what is missing."
    CFG035 "storage that cannot be reached"
        "The storage of a layer lacks the name of its bucket, its account, or the other half of a credential. `output_dir` beside an object store is scratch space; data never lands there instead.\n\nAdd what the message names."
    CFG036 "storage outside of the allowed scope"
        "`platform.storage_scope: onprem` allows storage on own machines only, and asks whoever runs a storage to say so in `storage_metadata`.\n\nUse storage on own machines, or set `storage_scope: cloud` if the data may be there."
    CFG037 "a folder that is scratch space"
        "`output_dir` names a landing place for `storage_backend: local` only. Beside an object store it holds parts on their way, and nothing stays there.\n\nRemove it, or set `storage_backend: local`."
    CFG038 "the kind of entity and other keys disagree"
        "`entity_kind` decides the model together with `history_mode` (states) or `input_mode` (events), and needs the column with the time.\n\nThe help says which key to add or remove."
    CFG039 "pagination that cannot ask for the next page"
        "This kind of pagination lacks a key, so only the first page would be read.\n\nAdd the key that the message names; `medallion preview` shows what comes back."
    CFG050 "nothing is at this path"
        "An edit names a place, such as `sources[0].source.file.path`, that is not in the text, or goes through something that has no keys or items.\n\nCheck the path; keys with other characters than letters, digits, `_` and `-` are written `[\"like this\"]`."
    CFG051 "the value is written elsewhere"
        "The place is filled by an alias (`*name`) or a merge (`<<`). Changing it there would change every other use, too, so the edit was refused.\n\nChange the anchor (`&name`) if all uses shall change. Otherwise replace the alias, or the whole merged section, by a value of its own."
    CFG052 "the edit would change something else"
        "An edit must change only what it is about. Here the text is written in a form in which that cannot be promised, so nothing was changed: keys with `?`, pairs without braces, old line ends.\n\nMake the change in the text itself."
    CFG053 "not a value"
        "What was to be written is no value of that kind: a literal is a number, `true`, `false` or `null`; a piece of YAML is exactly one value.\n\nCorrect it, or write it as a text."
    CFG054 "the place is taken"
        "A key cannot get the name of another one beside it, and a section cannot be moved into itself.\n\nChoose another name, or remove the other one first."
    CFG055 "the text has to be mended first"
        "The text is not valid YAML, so no place in it can be found, and no edit can be made.\n\nMend the errors that the check shows, then try again."
    CFG056 "this place is no place for a configuration"
        "Only configurations are written: files below the workspace whose names end in `.yaml` or `.yml`, outside of folders for outputs, data, templates and schemas, and those that were opened by name.\n\nChoose another name or folder."
    CFG057 "the configuration could not be saved"
        "The system refused to write the file. What stood in it before still stands there.\n\nCheck permissions and free space of the folder; save under another name if the folder is gone."
    CFG065 "no such template"
        "No template has this name, or an answer was given to a question that it does not ask.\n\n`medallion new --list` shows the templates with their questions."
    CFG066 "an answer that cannot be used"
        "A question of the template needs an answer, or takes only some.\n\nGive it with `--set question=answer`."
    CFG067 "this kind of source cannot be discovered yet"
        "Configurations can be discovered from files, folders of files and databases (PostgreSQL, MySQL, MariaDB, SQLite). This version cannot ask an API what it has.\n\nStart from a template: `medallion new --list`."
    CFG068 "nothing to discover"
        "The place given has no data file that this version can read: CSV, TSV, JSON, JSON lines or Parquet.\n\nName a file, or a folder that holds data files itself."
    CFG069 "the file exists"
        "The config would be written over a file that is there.\n\nChoose another name with `--output`, or say `--force`."
    EXT001 "extraction failed"
        "The source could not be read for a reason without a code of its own.\n\nThe message has the cause."
    EXT010 "the source file does not exist"
        "No file is at the path of `source.file.path`. Relative paths start at the folder of the config file.\n\nCheck the path, and for a path with `{run_date}` the date of the run."
    EXT011 "the source is a folder"
        "`source.file.path` names a folder, not a file.\n\nName one file."
    EXT012 "the source file is empty"
        "The file has no bytes, so it has no header and no columns.\n\nIf an empty file is a valid delivery, declare the columns in `source.run.schema` and set `has_header: false`."
    EXT013 "duplicate column names"
        "Two columns of the source have the same name, so one would hide the other.\n\nRename one in the source, or set `has_header: false` and name the columns in `fieldnames`."
    EXT014 "unknown file format"
        "The format of the file cannot be told from its name.\n\nSet `source.file.format` to csv, tsv, json, jsonl or parquet."
    EXT015 "the text is not in the declared encoding"
        "The header or the structure of the file cannot be decoded.\n\nSet `source.file.encoding`, for example `latin1` or `utf-16le`."
    EXT016 "records that could not be read"
        "Some records are broken: a row with too few or too many fields, a line that is not JSON, bytes that are not text. They stand in `_errors/` of the partition with reason, position and raw text; all others were landed.\n\nMend the source and run again, or leave them."
    EXT017 "a column is not in the source"
        "A column named in `columns` (or a declared one) is not in the source.\n\nThe help has the nearest name."
    EXT018 "the file cannot be read as its format"
        "The bytes are not what `source.file.format`, or the suffix of the name, says. The message has what was found instead, and the line.\n\nIf the file is right, set `format` to what it is (`csv`, `tsv`, `fixed_width`, `json`, `jsonl`, `excel`, `parquet`), for CSV also `delimiter` and `has_header`, for sheets `sheet`; if it is damaged, have it delivered again. Nothing was written."
    EXT019 "the source cannot be opened"
        "The file exists but the system refused to open or read it.\n\nCheck the permissions."
    EXT020 "a column was widened to text"
        "A value after the first 1,000 records does not fit the type that was inferred or declared, so the whole column is kept as the source's own text. Nothing is lost.\n\nDeclare the type in `source.run.schema`, or name the text that stands for null in `null_values`."
    EXT021 "the source has no records"
        "The source was read to its end and has no records. An empty partition was committed.\n\nIf that is not expected, check the source."
    EXT022 "a column that CSV cannot keep"
        "Only CSV is written, but a column has a type whose text in CSV does not say what it was: bytes, a list, a structure. It would come back changed.\n\nSwitch `write_parquet` on, or leave the column out with `source.file.columns`."
    EXT040 "the API cannot be reached"
        "No host of this name, nothing that listens at the port, no answer in time, or one that breaks off, also not after several tries with growing pauses.\n\nCheck `base_url`, the network and proxies (`HTTPS_PROXY`, `NO_PROXY`); a slow API needs a longer `run.timeout_seconds`. Nothing was committed; pages that came are kept, and the next run goes on from there."
    EXT041 "the API answers with an error"
        "The status of the answer says that the request failed, and it stayed so over several tries where trying again can help.\n\nThe message has the status and what the API said. 404: check `endpoint` and `base_url`. 400 and 422: check `params`, `body` and the names of the parameters of `pagination`."
    EXT042 "the answer is not JSON"
        "Records are read from JSON. The answer is something else, mostly a page for people: of a proxy, of a login, of an error.\n\nOpen the address of the message in a browser, and check `endpoint`."
    EXT043 "the answer reports an error"
        "The status says that all is well, but the answer has an `error` or `errors` in the place of records.\n\nThe message has what the API said. If these are your records, say so: `data_path: '@'` takes the whole answer as a record."
    EXT044 "the API asks for fewer requests"
        "The API limits requests, and asks to be left alone for longer than is waited, or did so over several tries.\n\nSet `run.rate_limit_hz` below the limit of the API, or run later. A pause that fits in `run.deadline_seconds` is waited for, otherwise five minutes at most."
    EXT045 "the extract took too long"
        "It was not done within `run.deadline_seconds`.\n\nGive it more time, or ask for less: `incremental`, a smaller stretch, larger pages. The next run goes on from the last whole page."
    EXT046 "the API is not asked for a while"
        "Several requests in a row failed after all their tries, so the program stopped asking this host for `run.retry.breaker_seconds`.\n\nMend what the errors before this one say, then run again."
    EXT047 "the request cannot be made"
        "Something of the request cannot be used: an address that is none, a header with a character that headers cannot have, a file with a certificate that cannot be read.\n\nThe message names it. Nothing was sent."
    EXT048 "the response schema cannot be used"
        "The file of `response_schema` cannot be read, or is no JSON Schema. References to other addresses are not followed.\n\nCheck the path and the file."
    EXT049 "the records are not where `data_path` says"
        "The expression of `data_path` leads to something that is neither a list nor an object, or it is no JMESPath expression.\n\nThe message has the fields that the answer has. A dotted path (`result.items`) or a JMESPath expression (`orders[].lines[]`) leads to the records."
    EXT050 "pages cannot be kept"
        "Pages are kept in a file until they are landed, so that nothing is asked for twice. The system refused to write or read it.\n\nMake room in the folder named, or set `MEDALLION_SCRATCH_DIR` to another one."
    EXT051 "a parent has no value for the address"
        "Each record of `parent` leads to a request, whose address is made of fields of that record. One of them is missing or null.\n\nCheck the names in `parent.path_params`, and `parent.data_path`."
    EXT052 "the certificate of the API is not trusted"
        "The API shows a certificate that no trusted authority has signed, or one for another name.\n\nGive the certificate of the authority with `tls.ca_file`. `tls.verify: false` is for test services only."
    EXT053 "the answer has an error beside its records"
        "The answer has records, and an `error` or `errors` that is not empty too; as GraphQL does it for fields that could not be read.\n\nLook at the message: values may be missing."
    AUTH010 "a secret is not set"
        "The API asks who is there, and an environment variable that the config names for that is not set, neither in the environment nor in `.env`. Nothing was sent.\n\nSet the variable that the message names."
    AUTH011 "the API does not accept the credentials"
        "The API answers 401: it does not know the token, the key or the password, or it is not valid any more.\n\nCheck the variables that the config names: a secret that was copied with a space or without its last character is the usual reason. Check `auth_type`, `auth_header` and `auth_scheme` against the documentation of the API."
    AUTH012 "the API refuses permission"
        "The API answers 403: it knows who asks, and does not allow it.\n\nAsk whoever runs the API for the right that the message names, or for a token with the right scopes."
    AUTH013 "no token was given"
        "The address of `oauth2.token_url` did not give a token.\n\nThe message has what it said. Check id and secret of the client, `scopes`, and `client_secret_in`; a refresh token may have been used up."
    AUTH014 "the API leads elsewhere"
        "A redirect, or the address of the next page, leads to another host. Credentials are sent to the host of `base_url` only, so it was not followed.\n\nIf that host is right, write it into `base_url`."
    PAGE010 "the same page came twice"
        "A further page has exactly the records or the cursor of an earlier one: the API does not know the parameter that asks for the page, or it runs in circles. It would have gone on for ever, so the extract stopped.\n\nCheck the names of the parameters in `pagination`. If there is only one page, set `type: none`."
    PAGE011 "more pages than allowed"
        "The API has more pages than `pagination.max_pages` allows. Landing only some of them would lose records silently.\n\nRaise `max_pages`; for trials `max_records` stops without a failure."
    PAGE012 "fewer records than promised"
        "The answer says how many records there are (`pagination.total_path`), and the pages ended before.\n\nRun again if records were removed meanwhile. If the number counts something else, remove `total_path`."
    PAGE013 "there may be more than one page"
        "`pagination` is not set, so one page was asked for, and the answer looks as if there were more: it names a next page or a greater total, or has as many records as pages usually have.\n\nSet `pagination`, or `pagination: {type: none}` if that is all."
    PAGE014 "stopped at `max_records`"
        "`pagination.max_records` was reached, so the rest was not asked for.\n\nRemove it when the trial is over."
    PAGE015 "empty pages without end"
        "Many pages in a row had no records, and the API says that there is more.\n\nCheck `params` and `data_path`; `pagination.has_more_path` may say where the API tells the end."
    PAGE016 "the next page cannot be asked for"
        "The API says that there is more, but the answer lacks what the next page is asked by: the cursor, or the field of `keyset_field`; or it is a stretch of time, of which there is only one page.\n\nCheck `cursor.field` or `keyset_field`. For stretches of time set a smaller `window.hours`."
    PAGE017 "the API ignores the parameters of pages"
        "A second request had the same answer, which is shorter than a page, so it was taken for all there is.\n\nSet `pagination: {type: none}`, or check the names of the parameters."
    STATE002 "a record without a cursor"
        "`incremental.null_cursor` is `fail`, and a record has no value in `cursor_field`.\n\nMend the source, or set `null_cursor: include` or `exclude`."
    STATE003 "a cursor of another type"
        "The lag cannot be taken from the cursor, or it cannot be compared, because it is no value of its type.\n\nSet `incremental.cursor_type` to what the source has, or remove `lag`."
    STATE004 "records from outside of the stretch"
        "The API sent records that were not asked for: from before the cursor, or from after the end. They were left out.\n\nCheck that the API knows the parameter `cursor_param`; without it every run receives everything."
    EXT060 "a variable of a database is not set"
        "The address of the database, or a part of it, stands in an environment variable that is not set or empty. Nothing was tried.\n\nSet the variable that the message names, in the environment or in `.env`."
    EXT061 "a connection string that cannot be read"
        "The variable holds neither an address (`postgres://user:password@host:5432/database`, `mysql://…`, `sqlite://…`, `mssql://…`) nor an ODBC connection string (`Driver={…};Server=…;Uid=…;Pwd=…`). It is not repeated, since it may hold a password.\n\nCorrect what the message names. In an address, characters such as `@`, `/` and `%` of a password are written `%40`, `%2F` and `%25`."
    EXT062 "the database cannot be reached"
        "Nobody answers at the address of the database, also after the tries that `run.retry_config` allows.\n\nCheck host and port, and whether the server takes connections from this machine; `medallion doctor` tries it out."
    EXT063 "the database refuses the login"
        "The server answers, but does not take user and password, or the user may not use the database.\n\nCheck the variables that hold them, and the name of the database."
    EXT064 "the connection cannot be encrypted as asked"
        "`tls.mode` asks for more than the server offers: it has no encryption, or its certificate is not from an authority that is trusted, or names another host.\n\nAdd the authority with `tls.ca_file`, or ask for less: `require` encrypts whoever the server is, `prefer` if it can."
    EXT065 "the database refuses the query"
        "The database could not run the query; the message is its own: a table or column that does not exist, a right that is missing, a mistake in the text.\n\nTry the query in a client of the database. Names of tables in `table:` are case-sensitive. A `?` that is an operator is written `??`."
    EXT066 "a column is not in the result"
        "The config names a column (as the cursor, in `run.schema`, for parallel reads) that the query does not give.\n\nCorrect the name, or add the column to the query."
    EXT067 "two columns of one name"
        "The query gives two columns of the same name, so one would hide the other.\n\nRename one with `AS`, or name the columns instead of `*`."
    EXT068 "the database is too slow"
        "No answer came within `run.timeout_seconds`, or the whole extract did not end within `run.deadline_seconds`. Nothing landed.\n\nGive it more time, or ask for less: `incremental`, `where`, an index on the cursor column."
    EXT069 "the connection to the database was lost"
        "The connection broke while rows came. Nothing of them landed.\n\nRun it again. If it happens again, the server or something in between ends long connections."
    EXT070 "a parameter without a value"
        "The query has a `?` or `:name` that `params` gives no value. Without `incremental`, no `?` stands for the cursor.\n\nAdd the value to `params`, or `initial_value` to `incremental`."
    EXT071 "a cursor that does not fit its column"
        "The cursor of the last run, `initial_value` or `end_value` cannot be compared with the cursor column, because it is no value of its type.\n\nCorrect the value, or name the right column."
    EXT072 "a row without a cursor"
        "`null_cursor: fail` is set, and a row has no value in the cursor column.\n\nMend the row, or say what shall become of such rows: `include` or `exclude`."
    EXT073 "not one query"
        "The text is empty, is more than one statement, or gives no rows. An extract is one query, and only reads.\n\nWrite one `SELECT`."
    EXT074 "rows cannot be divided"
        "`parallel_reads` divides rows by ranges of a column with numbers, dates or times.\n\nName such a column, best one with an index."
    EXT080 "no file matches"
        "No file fits the pattern of `source.file.path` (with the date of the run filled in), the folder has none, or the archive has none that `member` fits. Names that begin with `.` or `_` count only where the pattern says so.\n\nCheck the pattern, the date and whether the files have been delivered."
    EXT081 "a packed file is damaged"
        "The file cannot be unpacked: it was cut off, its checksum is wrong, it is encrypted, or its name promises another kind of packing than its bytes are. Nothing of it landed.\n\nFetch it again; the message has what is wrong."
    EXT082 "the column for names of files is taken"
        "`source.file.file_name_column` names a column that the files have themselves.\n\nChoose another name."
    EXT083 "the program cannot be started"
        "The first word of `source.custom.command` is no program that can be started: nothing has this name, or it may not be executed. A name with a folder in it starts at `working_dir`, any other is looked for in `PATH`.\n\nCheck the name, and whether the file may be executed; a script can be given to its interpreter: `[python3, ./extract.py]`."
    EXT084 "a variable for the program is not set"
        "`source.custom.env_vars` names a variable that is not set, neither in the environment nor in `.env`. The program was not started.\n\nSet the variable that the message names."
    EXT085 "the program failed"
        "The program ended with a status other than 0, so what it wrote may not be everything. Nothing of it landed.\n\nThe help has the end of what it wrote to standard error. Run the command by hand to see more."
    EXT086 "the program took too long"
        "The program wrote nothing for `run.timeout_seconds`, or was not done within `run.deadline_seconds`. It was ended with all it had started, and nothing landed.\n\nGive it more time."
    EXT087 "the stream is not there"
        "The program wrote Singer messages, but none of the stream to land.\n\nThe message has the streams there are; name one in `source.custom.stream`, and select it in the catalog of the tap."
    EXT088 "no line is a record"
        "The program wrote lines, but none of them is a JSON object.\n\nWrite one object a line to standard output, and all other words to standard error. A Singer tap needs `protocol: singer`."
    EXT089 "what a program writes cannot be kept"
        "Records of programs are kept in a private file while they are read. The system refused to write or read it.\n\nMake room, or set `MEDALLION_SCRATCH_DIR` to another folder."
    STATE010 "it is not known how far the extracts have come"
        "A source with a cursor goes on where the newest commit up to the day ended. One of those commits is damaged, so the run asked for nothing rather than for the wrong records.\n\n`medallion verify` shows what is damaged. Restore the file, or fetch the day once more with `--refetch` after removing the damaged version with `medallion gc`."
    STATE011 "the cursor is of another field"
        "The commits of this table say how far extracts have come in one field; the config goes by another, so nothing follows from it.\n\nSet `incremental.cursor_field` back, or land the source under another `table`."
    STATE012 "the records lack the cursor column"
        "A closed day is fetched once more up to where it ended, and which records that is, their cursor column says. The records have no such column.\n\nDo not leave the cursor column out (`columns`, `select`)."
    STG010 "the target cannot be written"
        "The system refused to create or write a file of the target.\n\nCheck permissions and free space of the folder named."
    STG011 "the target is a file"
        "A folder is needed where a file stands.\n\nChange `output_dir` or move the file."
    STG012 "another run was faster"
        "Another run committed to the same partition while this one was working. Nothing of this run was kept, nothing of the other is lost.\n\nRun again if its result is not what you want."
    STG013 "the target cannot be read"
        "A file of the target could not be read.\n\nCheck permissions; `medallion show` lists what the commit names."
    STG014 "a partition is damaged"
        "A file that the commit names is missing, or is not the file that was committed.\n\nRun Bronze again for that date."
    STG015 "another load pattern stands at this path"
        "The partition was written with another load pattern. Mixing them would change what its rows mean.\n\nUse another table name, or switch `use_pattern_folder` on."
    STG020 "no such bucket or container"
        "The service answers, but has no bucket (S3, Google) or container (Azure) of this name. The program makes none: who owns it, where it is and who may read it is not for it to decide.\n\nCheck the name (`bucket`) and the address of the service or account, or make the bucket or container first."
    STG021 "the credentials are not accepted"
        "The service does not know the access key, or the signature made with it is wrong, or a token has expired.\n\nCheck the variables that the connection names: a copied secret with a space or without its last character is the usual reason. `medallion doctor` says which variables are set. Tokens of a session have to be asked for again."
    STG022 "permission is refused"
        "The service knows who asks and does not allow it. The program needs to list, read, write and remove below the prefix of the layer.\n\nS3: `s3:ListBucket` on the bucket, `s3:GetObject`, `s3:PutObject`, `s3:DeleteObject` and `s3:AbortMultipartUpload` on its objects. Azure: the role Storage Blob Data Contributor, or a signature with read, write, delete, list and create. Google: the role Storage Object User."
    STG023 "the clock is too far off"
        "Signed requests carry the time, and the service refuses them if its clock differs by more than some minutes.\n\nLet this machine synchronise its clock, then run again."
    STG024 "the storage cannot be reached"
        "No host of this name, nothing that listens at the port, or no answer in time, also not after several tries.\n\nCheck the address (`endpoint_url`, `account_url`), the name of the account, the network and proxies. Nothing was committed; the next run takes up the work."
    STG025 "the certificate is not trusted"
        "The service shows a certificate that no trusted authority has signed, or one for another name.\n\nGive the certificate of the authority with `ca_file`. `verify_tls: false` is for test services only."
    STG026 "the storage asks for fewer requests"
        "The service was busy or limits requests, and stayed so over several tries with growing pauses; what it asks for by `Retry-After` is followed up to a minute.\n\nRun again later. Where it happens often, run fewer datasets at once."
    STG027 "the storage is not asked for a while"
        "Several requests in a row failed after all their tries, so the program stopped asking this service, lets one request through after half a minute, and goes on when that one is answered. The message says until when.\n\nMend what the errors before this one say, or wait."
    STG028 "it is unknown whether a file was put"
        "A create-only put was not answered, or the service told two writers to try again at the same time, so the file may be there or not. A commit is read again to find out; where this error stands, that was not possible either.\n\nRun again: the next run sees what stands and goes on from there. Nothing is lost or doubled."
    STG029 "the storage cannot be trusted with commits"
        "The service put a file although its name was taken. With such a store two runs could overwrite each other's commit without anybody noticing, so nothing is written to it.\n\nUse a version of the service that knows conditional puts (`If-None-Match`), or another storage."
    STG030 "the sign of life could not be renewed"
        "A run shows that it is alive by a small file that it writes every ten seconds. It could not for most of a minute, because the machine slept, the process was stopped, or the storage did not answer, so another run may have taken it for dead. It gave up before its commit rather than go on blindly.\n\nRun again."
    STG031 "the storage cannot be asked"
        "Something that is needed to ask the service is not there: a variable that is not set, a profile that does not exist, an address that is none. Nothing was tried.\n\nAdd what the message names, in the environment, in `.env`, or in the configuration."
    STG032 "a file changed while it was read"
        "The file was replaced or removed between two reads. The pieces were not mixed; reading stopped.\n\nRun again. Files that a commit names are never changed by this program, so look for who else writes there."
    STG033 "the storage failed"
        "The service answered with an error of its own, or with something that makes no sense, also after several tries.\n\nThe message has what it said. Run again later; if it stays, ask whoever runs the service."
    STG034 "the bucket is in another region"
        "S3 answers for a bucket only in its own region.\n\nSet `region` to the one that the message names."
    STG060 "a committed file is missing"
        "The newest version names a file that is not there, so its rows cannot be read.\n\nBring it back from a copy, or run the layer again for that date: it writes the version anew."
    STG061 "a file has another size"
        "A file has more or fewer bytes than were committed: it was cut off, or written to by somebody else.\n\nBring it back from a copy, or run the layer again for that date: it writes the version anew."
    STG062 "a file was altered"
        "A file has the size that was committed, but other bytes: its SHA-256 differs. The disk may fail, or somebody changed it.\n\nBring it back from a copy, or write the version anew: for Bronze run that date again, for Silver with `--rebuild`. Check the disk."
    STG063 "a file that no version names"
        "The folder has a data file that the newest version does not name. This program does not read it; tools that read all files of a folder count its rows.\n\nMove it elsewhere."
    STG064 "a file cannot be read as what it should be"
        "The bytes are those that were committed, or nobody recorded which they were, but they are no Parquet file or no CSV file of the committed columns.\n\nRun the layer again for that date."
    STG065 "rows or columns differ from the metadata"
        "A file has another number of rows or other columns than the metadata says.\n\nRun the layer again for that date."
    STG066 "a copy for other tools is not what the commit says"
        "`_metadata.json` and `_checksums.json` repeat what the commit says, for other tools. One is missing or was changed; this program does not read it.\n\nThe next run of that date writes it anew."
    STG067 "a commit cannot be trusted"
        "A commit file is no commit, was changed after it was written, or was copied from elsewhere. What it named is not used.\n\nRun the layer again for that date: it commits a new version."
    STG068 "files that a crash left"
        "A run was killed, or another one was faster, and files of it are still there. No reader of this program sees them.\n\nThe next run of that date removes them, or `medallion gc`."
    STG069 "no checksums"
        "The folder has data files and neither commits nor a `_checksums.json`, so nobody knows what they should be.\n\nIf they are Bronze of the predecessor, bring back its `_metadata.json` and `_checksums.json`; otherwise extract them anew."
    STG070 "a folder that cannot be adopted"
        "Adopting takes files as they are, so they must be exactly what `_checksums.json` and `_metadata.json` of the predecessor say, and the folder must not have commits.\n\nThe message says what does not hold. Extract what cannot be adopted."
    STG071 "rows with other columns"
        "Rows are added to a partition only if they have its columns and types, so that all of its parts are one table.\n\nExtract the whole day again."
    STG072 "nothing to verify"
        "The place given has no partition: no commits, and no `_checksums.json` of the predecessor.\n\nName a config, or a folder that has Bronze or Silver below it."
    STG073 "no retention is set"
        "Partitions are removed by age only where `platform.bronze.retention` says so, and none of the datasets has it.\n\nSet it: `platform: {bronze: {retention: {days: 90}}}`. Nothing is removed before you have seen the list."
    VAL010 "too many bad rows"
        "More rows of a partition are bad than `silver.error_handling` allows, so the load was refused and Silver is as it was. The rows are listed in `_errors`.\n\nMend the source, raise the limit, or rule on the partition: `silver.rulings: {DATE: accept | skip}`."
    VAL011 "a full load would delete too much"
        "A full partition lacks more than the allowed share of the keys known before, or is empty. It was not promoted.\n\nIf it is right, rule on it: `silver.rulings: {DATE: accept}`; or `skip` it."
    VAL012 "a key or order column is missing"
        "A column named in `primary_keys` or `order_column` is not in the Bronze data.\n\nThe help has the nearest name; remember `schema.rename_map`."
    VAL013 "a column needs a declared type"
        "A key or order column has different types in different partitions, or an order column is text, so its order would be a guess.\n\nDeclare its type in `source.run.schema`."
    VAL014 "column names clash"
        "Two columns would have the same name in Silver, or a column would take a name that the program uses.\n\nRename one in `schema.rename_map`."
    VAL020 "an expectation is not met"
        "The rows of a load are not what `silver.expect` says of them. With `on_fail: fail` nothing is written and Silver stays as it was; with `warn` the load stands and says so.\n\nMend the source and land the day again, or change the expectation. `_refused` has the answers of a refused load, `_metadata.json` those of one that stands."
    JOIN001 "nothing to join"
        "A side of a join has no committed Silver load, or none on or before the date asked for.\n\nPromote it first: `medallion run`. A path names a folder with loads, such as `…/entity=orders/v1`."
    JOIN002 "several things could be joined"
        "The folder has several datasets below it, or its load has several tables and none is called `current`.\n\nName the folder of one of them, or its table with `--left-dataset`, `--right-dataset`, or `table`."
    JOIN003 "nothing says how the sides are matched"
        "Keys are found by themselves only where both sides declare the same `primary_keys`; columns that merely share a name are not taken for keys.\n\nName the pairs: `--join-keys \"customer_id=id\"`, or `join_key_pairs`. The help has the pairs that could be meant."
    JOIN004 "keys of types that are never equal"
        "Keys are equal by value: whole numbers of any width and decimals, instants of any precision. A text is never equal to a number, nor a time without a zone to one with a zone.\n\nCast one of the two: declare its type in `source.run.schema` of its dataset and promote that again."
    JOIN005 "a join names a column that is not there"
        "A key, a selected column, a guard or a partition column is in none of the sides, or not in the result.\n\nThe help has the nearest name. `left.` and `right.` choose a side in `select_columns`."
    JOIN006 "columns of a join would have one name"
        "A column of the right side that the left side has too gets `_right` behind its name; that name is taken as well, or two columns were selected under one name.\n\nName them: `select_columns: {right.name: customer_name}`."
    JOIN007 "a join breaks its guards"
        "`quality_guards` say what must hold of the result, and something does not. Nothing was committed; what stood before still stands.\n\nMend a side, or the guard. `medallion join --preview` shows the figures without writing."
    JOIN008 "something else stands where a join would go"
        "The folder of the result has loads of a dataset, and a join never replaces those.\n\nChoose another folder: `--output-path`, or `output.path`."
    JOIN009 "no room for what does not fit into memory"
        "A side is larger than the memory that a join may use, and the folder for the rest cannot be written.\n\nMake room, choose another folder with `spill_dir` or `MEDALLION_SCRATCH_DIR`, or give more memory with `--memory-limit`."
    DOC001 "an environment variable that a key names is not set"
        "A key such as `auth_env_var` names the environment variable that holds a secret or an address, but no such variable is in the environment, nor in the `.env` file beside the config or in the workspace root.\n\nSet the variable, or write it into `.env`."
    DOC002 "a secret is written in clear"
        "A value looks like a password, a token or a key. Whoever reads the file, its history or a copy of it has the secret.\n\nMove the value to an environment variable or to `.env` (which stays out of version control), write `${NAME}` in its place, and change the secret if the file was shared."
    DOC003 "a check did not answer in time"
        "The check was given up after its time limit (`--timeout`). What it asked, such as a network drive, may hang; a run would wait for it without a limit.\n\nSee whether the place named can be reached at all, for example by listing it."
    DOC004 "no source file for today"
        "The path of the source has `{run_date}`, and there is no file for today. A run of today would fail.\n\nWait for the delivery, or run an earlier date with `--date`. If no date has a file, the path is wrong."
    DOC005 "a host name cannot be resolved"
        "The name in the address of a source has no IP address here.\n\nCheck the spelling, the network and the name server; inside a company a VPN may be needed."
    DOC006 "a host cannot be reached"
        "The host has an address, but no connection to its port could be opened.\n\nCheck the port, whether the service runs, and whether a firewall or a proxy stands between."
    DOC007 "an address that cannot be used"
        "The address of a source is no URL with a host.\n\nWrite it as `https://host[:port]`."
    DOC008 "the storage does not keep its promises"
        "A version becomes visible by putting its commit file in a way that must fail if the name is taken. The storage let two writers have one name, gave back other bytes than were written, or has no locks. Runs on it could lose data.\n\nUse another file system for `output_dir`: a local disk, or a network file system with hard links and locks."
    DOC009 "the clocks differ"
        "Files on this storage get other times than the clock of this machine shows. Times in metadata cannot be compared, and a run near midnight may be filed under the wrong day.\n\nSynchronise the clocks of both machines (NTP)."
    DOC010 "little disk space"
        "Less than 1 GiB is free, or less than twice what the newest versions needed. A new version stands beside the old one until it is committed, so both need room.\n\nMake room, or move `output_dir` to a larger disk."
    DOC011 "the storage is outside of the allowed scope"
        "`storage_scope: onprem` keeps data on own machines, but a folder that a layer writes to is a mount of cloud storage.\n\nChoose a folder on own machines, or widen `platform.storage_scope`."
    QRY001 "a condition that cannot be understood"
        "The condition of a filter is not written as conditions are, names a column that is not there, or compares things that cannot be compared. The place is shown.\n\nConditions look like `amount > 100 and status = 'paid'`; there are `= <> < <= > >=`, `between … and …`, `in (…)`, `like`, `contains`, `starts with`, `ends with`, `is null`, `and`, `or`, `not`. Names with other characters than letters, digits and `_` stand in double quotes, texts in single ones."
    QRY002 "no such column"
        "A column to sort by, to show or to look at is not in the table.\n\nUse one of its columns: the help names the nearest, or those there are."
    QRY003 "too much to sort"
        "Sorting keeps the sort key and the place of each row in memory, and has a limit for that.\n\nFilter first so that fewer rows are left, or sort by fewer or shorter columns."
    QRY004 "the file exists already"
        "An export never replaces a file by itself.\n\nChoose another name, or say that it may be replaced (`--replace`)."
    QRY005 "the file cannot be written"
        "The folder for the export is not there, or the system refuses to write.\n\nThe message has the reason. Nothing half-written is left under the name."
    QRY006 "no such file in the partition"
        "The file asked for is no part, commit or copy of this partition.\n\nList the files with `medallion show`."
    RUN010 "no Bronze for this date"
        "Silver of a date is made from Bronze partitions up to that date, and there is none for the date itself.\n\nRun Bronze first, or use `--allow-missing`."
    RUN011 "cancelled"
        "The run was cancelled. What was committed before stays; nothing is half-written.\n\nRun again to continue."
    RUN012 "no such partition"
        "The partition asked for does not exist or was never committed.\n\nList them with `medallion ls`."
    RUN014 "Bronze that this load was made of is gone"
        "The standing load was made of partitions that are not there any more. Building it again would lose their rows.\n\nBring them back, or accept the loss with `--accept-lost-history`."
    RUN020 "a setting that has no effect yet"
        "The setting is part of the configuration language, but this version of the program does not act on it. The run is as good as without it.\n\nLeave it, or remove it until a newer version acts on it."
    RUN080 "keys repeat"
        "Several records of a preview have the same values in the key columns. A model with keys keeps one row of each, so that is right for a history of changes and wrong for rows that are different things.\n\nIf they are different things, add the column that tells them apart to `silver.primary_keys`."
    RUN081 "keys that are null"
        "Records of a preview have no value in a key column. A run sets such rows aside in the quarantine.\n\nChoose key columns that always have a value, or have the source mended."
    RUN082 "values that do not fit"
        "Values of a preview do not have the type that the config declares for their column. Bronze keeps the column as text, and rows whose values do not fit are set aside by Silver.\n\nDeclare the type that the values have, or have the source mended; `null_values` names texts that mean nothing."
    RUN083 "the order cannot be told"
        "The order column decides which of several rows of a key is the last one. Its values in this preview are missing, or text that is no number and no time, so the order would be a guess.\n\nDeclare its type in `run.schema`, or choose a column with numbers or times for `silver.order_column`."
    RUN084 "the cursor does not advance"
        "None of the records of a preview is further than the cursor at which it started, or none has a value in the cursor's column. The next run would start at the same place again.\n\nCheck the name of the cursor's column and whether the source sorts and filters by it."
    RUN085 "no records"
        "The source answered, and there was no record in the answer.\n\nCheck the date and, of an API, `data_path`; the tab of requests shows what came."
    RUN086 "a declared column is missing"
        "`run.schema` declares a column that the records of this preview do not have. It would be there, and null in every row.\n\nCheck its name, or remove it from `run.schema`."
    RUN087 "a column without a value"
        "No record of this preview has a value in the column, so its type is not known yet.\n\nDeclare the type in `run.schema` if you know it."
    RUN088 "the preview ran out of time"
        "The source did not answer within the time that a preview may take. What was asked, and what it was waiting for, is in the preview's requests and log.\n\nGive it more time (`--seconds`), or ask for less."
    RUN013 "an unexpected failure"
        "The program met a case it should have handled. Nothing half-written is visible.\n\nPlease report it with the message."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_explained() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert!(
                !entry.title.is_empty() && entry.explanation.contains("\n\n"),
                "{} needs meaning and cure",
                entry.code
            );
            assert!(TABLE[index + 1..].iter().all(|other| other.code != entry.code), "{} stands twice", entry.code);
        }
    }

    #[test]
    fn a_code_is_found_in_any_case() {
        assert_eq!(Code::find(" cfg013"), Some(CFG013));
        assert_eq!(Code::find("CFG999"), None);
    }
}
