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
        "Configurations can be discovered from files and from folders of files. This version cannot ask a database or an API what it has.\n\nStart from a template: `medallion new --list`."
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
        "The bytes are not what `source.file.format` says.\n\nCheck the format and the file."
    EXT019 "the source cannot be opened"
        "The file exists but the system refused to open or read it.\n\nCheck the permissions."
    EXT020 "a column was widened to text"
        "A value after the first 1,000 records does not fit the type that was inferred or declared, so the whole column is kept as the source's own text. Nothing is lost.\n\nDeclare the type in `source.run.schema`, or name the text that stands for null in `null_values`."
    EXT021 "the source has no records"
        "The source was read to its end and has no records. An empty partition was committed.\n\nIf that is not expected, check the source."
    EXT022 "a column that CSV cannot keep"
        "Only CSV is written, but a column has a type whose text in CSV does not say what it was: bytes, a list, a structure. It would come back changed.\n\nSwitch `write_parquet` on, or leave the column out with `source.file.columns`."
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
