-- Neovim with `medallion lsp`: mends a config with mistakes and writes another one from nothing, with
-- what the server says and nothing else. Run by tests/tests/lsp_editor.rs; ends with 0 if all went well.
--
-- nvim --headless --clean -c 'luafile neovim.lua' with MEDALLION, the program, and FOLDER, the workspace.

local program, folder = vim.env.MEDALLION, vim.env.FOLDER
local client
local PATIENCE = 30000

-- The cursor may stand behind the last character, as it does while one types.
vim.o.virtualedit = 'onemore'

local function fail(message)
  io.stderr:write('\n' .. message .. '\n' .. table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n') .. '\n')
  vim.cmd('cquit 1')
end

local function check(condition, message)
  if not condition then
    fail('not as expected: ' .. message .. '\n' .. debug.traceback())
  end
end

local function wait_for(what, condition)
  if not vim.wait(PATIENCE, condition, 20) then
    fail('waited in vain for ' .. what .. '; findings: ' .. vim.inspect(vim.diagnostic.get(0)))
  end
end

local function open(name)
  vim.cmd('edit ' .. folder .. '/' .. name)
  vim.bo.filetype = 'yaml'
  client = client or vim.lsp.start_client({ name = 'medallion', cmd = { program, 'lsp' }, root_dir = folder })
  check(client, 'the server starts')
  vim.lsp.buf_attach_client(0, client)
  wait_for('the server', function()
    return vim.lsp.get_client_by_id(client).initialized
  end)
end

local function text()
  return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
end

local function encoding()
  return vim.lsp.get_client_by_id(client).offset_encoding
end

local function ask(method, params)
  local answers, problem = vim.lsp.buf_request_sync(0, method, params, PATIENCE)
  local answer = answers and answers[client]
  check(answer, method .. ': ' .. tostring(problem))
  check(not answer.error, method .. ': ' .. vim.inspect(answer.error))
  return answer.result
end

-- The codes of all findings, sorted.
local function codes()
  local found = {}
  for _, finding in ipairs(vim.diagnostic.get(0)) do
    local code = finding.code or (finding.user_data and finding.user_data.lsp and finding.user_data.lsp.code)
    table.insert(found, code)
  end
  table.sort(found)
  return table.concat(found, ' ')
end

-- Puts the cursor behind `pattern`.
local function behind(pattern)
  for row, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, -1, false)) do
    local _, last = line:find(pattern, 1, true)
    if last then
      vim.api.nvim_win_set_cursor(0, { row, last })
      return row - 1
    end
  end
  fail('there is no ' .. pattern)
end

local function proposals()
  local found = ask('textDocument/completion', vim.lsp.util.make_position_params(0, encoding()))
  return found and (found.items or found) or {}
end

local function labels()
  return vim.tbl_map(function(item) return item.label end, proposals())
end

-- Accepts a proposal at the cursor; the cursor ends behind what it inserts.
local function accept(label)
  for _, item in ipairs(proposals()) do
    if item.label == label then
      local start = item.textEdit.range.start
      vim.lsp.util.apply_text_edits({ item.textEdit }, 0, encoding())
      local lines = vim.split(item.textEdit.newText, '\n', { plain = true })
      local row = start.line + #lines
      local column = #lines[#lines] + (#lines == 1 and start.character or 0)
      vim.api.nvim_win_set_cursor(0, { row, column })
      return
    end
  end
  fail(label .. ' is not proposed; there are ' .. vim.inspect(labels()))
end

-- Types at the cursor. Nothing here indents by itself.
local function type_in(what)
  local row, column = unpack(vim.api.nvim_win_get_cursor(0))
  local lines = vim.split(what, '\n', { plain = true })
  vim.api.nvim_buf_set_text(0, row - 1, column, row - 1, column, lines)
  local last = #lines
  vim.api.nvim_win_set_cursor(0, { row + last - 1, #lines[last] + (last == 1 and column or 0) })
end

-- Applies a code action offered at the line of the cursor.
local function act(pattern)
  local params = vim.lsp.util.make_range_params(0, encoding())
  local line = vim.api.nvim_get_current_line()
  params.range.start.character = 0
  params.range['end'] = { line = params.range.start.line, character = #line }
  params.context = { diagnostics = {} }
  local titles = {}
  for _, action in ipairs(ask('textDocument/codeAction', params) or {}) do
    table.insert(titles, action.title)
    if action.title:find(pattern, 1, true) then
      vim.lsp.util.apply_workspace_edit(action.edit, encoding())
      return
    end
  end
  fail(pattern .. ' is not offered; there are ' .. vim.inspect(titles))
end

local function format()
  if vim.lsp.buf.format then
    vim.lsp.buf.format({ timeout_ms = PATIENCE })
  else
    vim.lsp.buf.formatting_sync(nil, PATIENCE)
  end
end

-- What a floating window says.
local function hover()
  vim.lsp.buf.hover()
  local said
  wait_for('a floating window', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        local buffer = vim.api.nvim_win_get_buf(window)
        said = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, false), '\n')
        vim.api.nvim_win_close(window, true)
        return true
      end
    end
  end)
  return said
end

local function mend()
  open('broken.yaml')
  wait_for('findings', function() return #vim.diagnostic.get(0) > 0 end)
  local before = codes()
  for _, code in ipairs({ 'CFG004', 'CFG013', 'CFG016' }) do
    check(before:find(code), code .. ' is found: ' .. before)
  end

  behind('load_patt')
  local page = hover()
  check(page:find('load_pattern') and page:find('full'), 'a page about the key: ' .. page)

  behind('fromat')
  act('Rename to `format`')
  behind('load_pattern: ful')
  act('Write `full`')
  act('Apply all safe fixes')
  wait_for('an end of the errors', function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)
  check(text():find('config_version: 1', 1, true), 'the version is added')
  check(text():find('# a comment that stays', 1, true), 'comments stay')

  format()
  check(text():find('\n  bronze:\n    storage_backend: local', 1, true), 'two spaces a level')
  check(text():find('# a comment that stays', 1, true), 'comments stay when formatted')

  local parts = ask('textDocument/documentSymbol', { textDocument = vim.lsp.util.make_text_document_params() })
  check(vim.inspect(parts):find('"people"'), 'the dataset is in the outline: ' .. vim.inspect(parts))
  vim.cmd('write')
end

local function write_from_nothing()
  open('fresh.yaml')
  accept('config_version')
  type_in('1\n')
  accept('sources')
  -- The cursor is behind the last of the required keys.
  behind('type: ')
  accept('file')
  behind('system: ')
  type_in('crm')
  behind('table: ')
  type_in('people\n      ')
  accept('file')
  accept('people.csv')
  type_in('\n    ')
  accept('silver')
  accept('model')
  accept('scd_type_1')
  type_in('\n      ')
  accept('primary_keys')
  behind('primary_keys: [')
  check(vim.tbl_contains(labels(), 'id'), 'columns of the file are known: ' .. vim.inspect(labels()))
  accept('id')
  wait_for('an end of the errors', function()
    return #vim.diagnostic.get(0, { severity = vim.diagnostic.severity.ERROR }) == 0
  end)
  format()
  vim.cmd('write')
end

local done, problem = xpcall(function()
  mend()
  write_from_nothing()
  vim.lsp.stop_client(client)
  wait_for('the end of the server', function()
    return vim.lsp.get_client_by_id(client) == nil or vim.lsp.get_client_by_id(client).is_stopped()
  end)
end, debug.traceback)
if not done then
  fail(tostring(problem))
end
vim.cmd('qall!')
