//! The seam to the engine: what the app asks, as a trait, so that tests can script the answers.

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    CancelReply, CancelRequest, ConfigText, ConfigTextRequest, DatasetList, ErrorBody, ExplainRequest, Explanation,
    PartitionDetail, PartitionPage, PartitionRef, PartitionsRequest, PreviewInfo, PreviewRequest, RowsInfo,
    RowsRequest, RunEvent, RunReport, RunRequest, Table, Target, Validation,
};

/// What an answer of the engine is.
pub(crate) type Answered<T> = Result<T, ErrorBody>;

/// The part of `core::api` that the app uses. All methods block; they are called on workers.
pub(crate) trait Door: Send + Sync + 'static {
    fn validate(&self, target: Target) -> Answered<Validation>;
    fn config_text(&self, request: ConfigTextRequest) -> Answered<ConfigText>;
    fn explain(&self, request: ExplainRequest) -> Answered<Vec<Explanation>>;
    fn run(&self, request: RunRequest, emit: &mut dyn FnMut(RunEvent)) -> Answered<RunReport>;
    fn cancel(&self, request: CancelRequest) -> Answered<CancelReply>;
    fn preview(&self, request: PreviewRequest) -> Answered<Table<PreviewInfo>>;
    fn list_datasets(&self, target: Target) -> Answered<DatasetList>;
    fn list_partitions(&self, request: PartitionsRequest) -> Answered<PartitionPage>;
    fn partition_detail(&self, request: PartitionRef) -> Answered<PartitionDetail>;
    fn rows(&self, request: RowsRequest) -> Answered<Table<RowsInfo>>;
}

macro_rules! forward {
    ($($name:ident($request:ty) -> $reply:ty;)*) => {
        impl Door for Engine {
            $(fn $name(&self, request: $request) -> Answered<$reply> { Engine::$name(self, request) })*
            fn run(&self, request: RunRequest, emit: &mut dyn FnMut(RunEvent)) -> Answered<RunReport> {
                Engine::run(self, request, emit)
            }
        }
    };
}

forward! {
    validate(Target) -> Validation;
    config_text(ConfigTextRequest) -> ConfigText;
    explain(ExplainRequest) -> Vec<Explanation>;
    cancel(CancelRequest) -> CancelReply;
    preview(PreviewRequest) -> Table<PreviewInfo>;
    list_datasets(Target) -> DatasetList;
    list_partitions(PartitionsRequest) -> PartitionPage;
    partition_detail(PartitionRef) -> PartitionDetail;
    rows(RowsRequest) -> Table<RowsInfo>;
}
