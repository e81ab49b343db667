//! The seam to the engine: what the app asks, as a trait, so that tests can script the answers.

use medallion_core::api::Engine;
use medallion_core::api::wire::{
    BrowsePage, BrowseRequest, CancelReply, CancelRequest, CellRequest, CellValue, ColumnProfile, CompareRequest,
    Completions, ConfigText, ConfigTextRequest, CursorRequest, DatasetList, DiscoverRequest, DoctorEvent,
    DoctorRequest, Draft, DraftCheck, EditRequest, Edited, ErrorBody, ExplainRequest, Explanation, ExportEvent,
    ExportRequest, FileRequest, FileView, FindEvent, FindRequest, Form, FormRequest, Glance, GlanceRequest, Hover,
    NewConfig, NewRequest, Nothing, OpenRowsEvent, OpenRowsRequest, OpenedRows, PartitionDetail, PartitionPage,
    PartitionRef, PartitionsRequest, PreviewInfo, PreviewRequest, ProfileEvent, ProfileRequest, RowDetail, RowRequest,
    RowsInfo, RowsRequest, RunEvent, RunReport, RunRequest, SaveRequest, Saved, Table, Target, Template, TextDiff,
    ThreeWay, Validation, VerifyEvent, VerifyReport, VerifyRequest, WatchEvent, WatchRequest,
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
    fn open_rows(&self, request: OpenRowsRequest, emit: &mut dyn FnMut(OpenRowsEvent)) -> Answered<OpenedRows>;
    fn row(&self, request: RowRequest) -> Answered<RowDetail>;
    fn cell(&self, request: CellRequest) -> Answered<CellValue>;
    fn find_row(&self, request: FindRequest, emit: &mut dyn FnMut(FindEvent)) -> Answered<FindEvent>;
    fn profile_column(&self, request: ProfileRequest, emit: &mut dyn FnMut(ProfileEvent)) -> Answered<ColumnProfile>;
    fn export_rows(&self, request: ExportRequest, emit: &mut dyn FnMut(ExportEvent)) -> Answered<ExportEvent>;
    fn browse(&self, request: BrowseRequest) -> Answered<BrowsePage>;
    fn glance(&self, request: GlanceRequest) -> Answered<Vec<Glance>>;
    fn view_file(&self, request: FileRequest) -> Answered<FileView>;
    fn check_text(&self, request: Draft) -> Answered<DraftCheck>;
    fn complete(&self, request: CursorRequest) -> Answered<Completions>;
    fn hover(&self, request: CursorRequest) -> Answered<Hover>;
    fn form(&self, request: FormRequest) -> Answered<Form>;
    fn edit_text(&self, request: EditRequest) -> Answered<Edited>;
    fn fix_text(&self, request: Draft) -> Answered<Edited>;
    fn migrate_text(&self, request: Draft) -> Answered<Edited>;
    fn diff_text(&self, request: Draft) -> Answered<TextDiff>;
    fn compare_text(&self, request: CompareRequest) -> Answered<ThreeWay>;
    fn save_text(&self, request: SaveRequest) -> Answered<Saved>;
    fn templates(&self, nothing: Nothing) -> Answered<Vec<Template>>;
    fn new_config(&self, request: NewRequest) -> Answered<NewConfig>;
    fn discover(&self, request: DiscoverRequest) -> Answered<NewConfig>;
    fn doctor(&self, request: DoctorRequest, emit: &mut dyn FnMut(DoctorEvent)) -> Answered<()>;
    fn watch(&self, request: WatchRequest, emit: &mut dyn FnMut(WatchEvent)) -> Answered<()>;
    fn verify(&self, request: VerifyRequest, emit: &mut dyn FnMut(VerifyEvent)) -> Answered<VerifyReport>;
}

macro_rules! forward {
    ($($name:ident($request:ty) -> $reply:ty;)*) => {
        impl Door for Engine {
            $(fn $name(&self, request: $request) -> Answered<$reply> { Engine::$name(self, request) })*
            fn run(&self, request: RunRequest, emit: &mut dyn FnMut(RunEvent)) -> Answered<RunReport> {
                Engine::run(self, request, emit)
            }
            fn open_rows(&self, request: OpenRowsRequest, emit: &mut dyn FnMut(OpenRowsEvent)) -> Answered<OpenedRows> {
                Engine::open_rows(self, request, emit)
            }
            fn find_row(&self, request: FindRequest, emit: &mut dyn FnMut(FindEvent)) -> Answered<FindEvent> {
                Engine::find_row(self, request, emit)
            }
            fn profile_column(
                &self,
                request: ProfileRequest,
                emit: &mut dyn FnMut(ProfileEvent),
            ) -> Answered<ColumnProfile> {
                Engine::profile_column(self, request, emit)
            }
            fn export_rows(&self, request: ExportRequest, emit: &mut dyn FnMut(ExportEvent)) -> Answered<ExportEvent> {
                Engine::export_rows(self, request, emit)
            }
            fn doctor(&self, request: DoctorRequest, emit: &mut dyn FnMut(DoctorEvent)) -> Answered<()> {
                Engine::doctor(self, request, emit)
            }
            fn watch(&self, request: WatchRequest, emit: &mut dyn FnMut(WatchEvent)) -> Answered<()> {
                Engine::watch(self, request, emit)
            }
            fn verify(&self, request: VerifyRequest, emit: &mut dyn FnMut(VerifyEvent)) -> Answered<VerifyReport> {
                Engine::verify(self, request, emit)
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
    row(RowRequest) -> RowDetail;
    cell(CellRequest) -> CellValue;
    browse(BrowseRequest) -> BrowsePage;
    glance(GlanceRequest) -> Vec<Glance>;
    view_file(FileRequest) -> FileView;
    check_text(Draft) -> DraftCheck;
    complete(CursorRequest) -> Completions;
    hover(CursorRequest) -> Hover;
    form(FormRequest) -> Form;
    edit_text(EditRequest) -> Edited;
    fix_text(Draft) -> Edited;
    migrate_text(Draft) -> Edited;
    diff_text(Draft) -> TextDiff;
    compare_text(CompareRequest) -> ThreeWay;
    save_text(SaveRequest) -> Saved;
    templates(Nothing) -> Vec<Template>;
    new_config(NewRequest) -> NewConfig;
    discover(DiscoverRequest) -> NewConfig;
}
