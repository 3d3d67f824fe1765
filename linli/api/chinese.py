"""The API's description in Chinese: what every route does and every shape holds. The English stands beside each, as its docstring.

A route goes by its operation_id, a shape by its name; names of fields and values stay as they go over the wire. tests/unit/api finds a
route or shape that has no Chinese.
"""

from __future__ import annotations

ABOUT = """供其他系统调用邻里。

时刻带时区，日期为 `YYYY-MM-DD`，金额为整数分。每次被拒绝，答复都是 problem（RFC 9457），中英文都有。
每次写操作都要带 `Idempotency-Key`：同一个键、同样的内容，答复相同，只办一次。列表用 `next` 和 `after` 逐页读取。"""

PARAMETERS = {
    "A new value for every new request.": "每个新请求用一个新的值。",
    "`next` of the page before; a page has the route's own size.": "上一页的 `next`；每页多少条由接口定。",
}

STATUSES = {
    200: "成功",
    201: "已新建",
    202: "已收下，随后办理",
    400: "请求无法读取",
    401: "没有有效的令牌",
    403: "没有相应的权限",
    404: "没有，或不在权限之内",
    405: "不支持这种请求",
    413: "内容太大",
    414: "地址太长",
    422: "内容不符合接口格式，或这件事不能办",
    429: "调用太频繁",
    503: "暂时无法服务",
}

ROUTES = {
    "list_programmes": "今天有效的全部政策。公开。",
    "get_programme": "一项政策：现行版本，没有现行版本时为最新版本；也可以指定版本。公开。",
    "list_programme_versions": "已发布的全部版本，从旧到新。公开。",
    "check": "根据已有的回答能得出什么，接下来该问什么。公开；不改动任何内容，不用 `Idempotency-Key`。",
    "list_areas": "某个区划代码及其以下的行政区划，到村一级，按代码排列。公开。",
    "resolve_area": "把人们平常写的地名对应到行政区划。公开。",
    "get_area": "一个行政区划。公开。",
    "nearest_windows": "能办一件事的窗口，从某个区划的中心或写明坐标系的位置算起：正在办公的在前，再按远近。公开。",
    "get_hsds": "依据哪一版规范，是哪座城市的目录。公开。",
    "list_hsds_services": "今天居民能得到哪些服务、在哪里，按场所编号排列；full：连同地点、时间和类别。公开。",
    "get_hsds_service": "一项服务，连同地点、时间和类别。公开。",
    "list_hsds_service_at_locations": "同样的服务，从提供地点看；full：连同地址、电话、时间和类别。公开。",
    "get_hsds_service_at_location": "在某个地点提供的一项服务，连同服务和地点的全部内容。公开。",
    "list_hsds_organizations": "由谁提供：店铺和机构；窗口由本市提供。公开。",
    "get_hsds_organization": "一个提供者，连同它的全部地点。公开。",
    "list_hsds_taxonomies": "类别所属的分类法：本市自己的一种。公开。",
    "get_hsds_taxonomy": "一种分类法。公开。",
    "list_hsds_taxonomy_terms": "用来查找服务的类别，按本市的顺序。公开。",
    "get_hsds_taxonomy_term": "一个类别。公开。",
    "list_open_data": "公布过的全部开放数据，新的在前。公开。",
    "list_lists": "本市登记的部门名单及其各栏。",
    "list_quality": "本人辖区内每份名单的时效、错误率和存疑行数。",
    "list_imports": "本人辖区内历次报送，新的在前。",
    "import_list": "报送一份名单（xlsx 或 csv，最大 25 MB）：全部生效或全部不生效。试运行要另用一个键。",
    "undo_import": "撤销一次报送，前提是后面没有内容依赖它。不删除任何记录。",
    "send_file": "送来一份名单（xlsx 或 csv，最大 25 MB），由后台试运行。各栏按表头辨认。",
    "get_file": "本人送来的文件办到哪一步，检查发现了什么。",
    "apply_file": "按试运行的结果生效；有错的行留给人工处理。此后情况有变的，拒绝办理。",
    "search_residents": "在本人辖区内查找居民。不改动任何内容，不用 `Idempotency-Key`。",
    "get_resident": "一个人：户籍在哪里、住在哪里、与谁同住。",
    "reveal_numbers": "为写明的用途查看完整号码。每次调用都是一次单独的查阅，不用 `Idempotency-Key`。",
    "list_determinations": "一个人、一户或一个单位在各项政策下的现况和以往情况，限本人权限内的政策。",
    "explain": "今天某项政策为什么找到、或没有找到这个人、这一户或这个单位。",
    "list_screenings": "本人权限内各项政策的历次匹配，新的在前。",
    "ask_screening": "请后台对若干政策作匹配。每项政策都要有全市的 `officer` 权限。",
    "get_screening": "一次匹配。",
    "list_screening_counties": "本人辖区内各县（市、区）的数目。",
    "list_missing_facts": "本人辖区内不能确定的人缺哪些信息，各有多少人，多的在前。",
    "list_screening_subjects": "本人辖区内找到的、不能确定的、新找到的或不再符合的名单。",
    "list_facts": "一个对象（`resident:…`、`programme:…`、`list:…`、`staff:…`）的留痕，按记录先后。\n\n"
    "居民的：户籍地或居住地的 `officer`、`clerk`、`steward`。政策的：该政策的 `officer`、`auditor`。名单的：全市的 `officer`。"
    "全部：全市的 `auditor`；工作人员的，还有 `security` 和本人。",
    "whoami": "当前使用的令牌，以及今天凭它能办什么。",
    "list_tokens": "当前使用的令牌和用它签发的令牌，新的在前；全市的 `administrator` 或 `security` 可见全部。",
    "make_token": "签发一个令牌：权限不超出当前令牌，到期不晚于它，并随它一起停用。",
    "revoke_token": "立即停用一个令牌，用它签发的令牌一并停用。",
    "list_fact_types": "可以推送的留痕类型。公开。",
    "list_webhooks": "本人登记的推送地址，新的在前；全市的 `administrator` 或 `security` 可见全部。",
    "add_webhook": "从现在起向一个地址推送留痕，遵照 `Standard Webhooks`：至少送达一次，带签名、编号和时间。",
    "end_webhook": "不再向这个地址推送。",
    "list_deliveries": "向这个地址推送过什么，新的在前。",
    "replay_delivery": "用原来的编号再推送一次。",
    "list_inbox": "等待本人办理的事项，最急的在前。",
    "apply": "代人申请一项政策。情况都清楚、政策写明可以秒批的，答复就是决定。",
    "list_applications": "本人经办或收下的申请，从新到旧。",
    "get_application": "本人经办或收下的一件申请：步骤、期限、材料、决定、发放情况。",
    "accept_application": "受理：开始计时。还缺材料的，不能受理。",
    "supplement_application": "一次性告知需要补正的全部材料。期间不计时；逾期不补正的，申请终止。",
    "pass_application": "通过不作决定的一步；须两人办理的，第一人只是签字。",
    "return_application": "退回上一步。",
    "decide_application": "在决定的一步作出决定。重新按规则核对：规则结论不同，或还有情况没有查明的，不能决定。",
    "number_application": "登记其他系统给这件申请的编号。",
    "answer_application_elsewhere": "登记对方系统对已转办申请的答复，并告知本人。",
    "send_bank_answer": "送银行的回盘文件，至多 25 MB；由后台逐笔处理。同一份文件送两次，只收一次。",
    "get_bank_answer": "一份回盘文件处理到哪里，各种结论有多少笔。",
    "list_bank_answer_rows": "回盘文件的各行和结论，按文件中的顺序，不含账号。",
    "open_case": "代居民提出某项信息有误，或请人上门。",
    "get_case": "本人经办的、或代居民提出的一件事项。",
    "list_cases": "某个居民的事项中由本人经办或提出的，新的在前。",
    "take_case": "把任务领到自己名下，同事能看到是谁在办。",
    "answer_case": "答复并办结一件事项；读取之后有变动的，拒绝办理。",
    "list_take_up": "本人辖区内、或其中一个县（市、区）每项政策的享受情况。",
    "list_take_up_by_county": "一项政策在本人辖区内各县（市、区）的享受情况。",
    "list_gaps": "为什么不能确定：按政策列出缺哪些信息、为什么缺，多的在前。一个人可能缺几项。",
    "list_standings": "各县（市、区）每份名单的质量：时效按此刻计，其余数字按统计时计。要有县级或以上的权限。",
    "list_drafts": "本人全市权限所及政策的未了结草案，按政策代码排列。",
    "send_draft": "送来政策文件作为草案：新建一份，或作为该政策现有草案的下一稿。草案可以暂时有错。",
    "get_draft": "一份草案的全文和问题。会运行其中的例子，约 0.2 秒。",
    "get_draft_difference": "草案与起草时所依据的版本（没有的，与最新版本）相比改了什么：逐项用文字写明。",
    "submit_draft": "提交草案，由另一个人在页面上发布；有问题挡住时拒绝，并列出问题。",
    "ask_preview": "请后台用全部人口数据比较草案与现行版本。不改动任何现行内容。",
    "get_preview": "草案会改变多少人、怎样改变、花费多少，合计并分县（市、区）。",
    "list_doubts": "本人名单的一次报送中尚未处理的存疑行，按文件顺序。某人列入敏感名单这件事，查看也记为一次查阅。",
    "settle_doubt": "确认存疑行指的是谁，或与本地无关，或请部门核实。",
    "list_notices": "发给某人的通知，新的在前，限本人权限之内。",
    "list_mailings": "本人权限内政策最近的 50 次群发通知，暂缓的在前。",
    "list_staff": "工作人员账号及其今天的权限，按登录名排列；县（市、区）的管理员可见在当地有过权限的、或还没有任何权限的账号。",
    "get_staff": "一个账号，及其现有和有过的每项权限。",
    "list_visits_due": "本人今天的走访。",
    "record_visit": "记录走访情况；“需要帮助”会给乡镇（街道）生成一件事项。只限居住在本人辖区内的人。",
}

SHAPES = {
    "HsdsAbout": "依据哪一版规范，是谁的目录。",
    "HsdsAddress": "文字地址。`postal_code`：没有登记的为空。",
    "HsdsAttribute": "一项服务属于哪一类。",
    "HsdsLocation": "在哪里，WGS-84 坐标。",
    "HsdsOrganization": "由谁提供：店铺或机构；窗口由本市提供。",
    "HsdsPage": "规范的一页：页码从 1 起，共有多少。",
    "HsdsPhone": "电话号码。",
    "HsdsSchedule": "每周哪几天的什么时间开放（RFC 5545）。`notes`：节假日和个别日子，用文字说明。",
    "HsdsService": "提供什么服务。能接纳多少写在说明里。",
    "HsdsServiceAtLocation": "在某个地点提供的一项服务。",
    "HsdsServiceThere": "在某个地点提供的一项服务，连同服务本身。",
    "HsdsTaxonomy": "本市场所类别的总称。",
    "HsdsTaxonomyTerm": "本市场所的一个类别。",
    "HsdsWanted": "要哪些服务：按类别、分类法、提供者和名称中的字词；写了几项就要同时符合。",
    "AnswerElsewhere": "`outcome`：政策文件列出的一种答复。",
    "BankAnswer": "送银行的文件。`layout`：格式。",
    "BankAnswerRow": "一行和它的结论：`paid`、`failed`、`returned`、`pending`、`repeated` 或没有采用的原因；空的为尚未处理。",
    "BankAnswerShape": "一份回盘文件。`verdicts`：各结论多少笔，空的为尚未处理；`warnings`：与文件自己的合计不符之处。",
    "BankAnswerTaken": "已收下；用编号查询。",
    "NumberShape": "其他系统给这件事项的编号。",
    "ApplicationRow": "列表中的一件申请。`step`：受理之前为 null；`stopped_at`：从何时起停止计时。",
    "ApplicationShape": "一件申请现在的情况。`verdict`：`reckoned_on` 那天按规则为 `eligible`、`not_eligible` 或 `unknown`；"
    "`verbs`：负责单位现在能办什么。\n\n`answer`、`answered_at`：已转办的，对方系统的答复；`numbers`：其他系统给的编号。",
    "ApplicationStep": "写入之后申请所处的位置。`version` 每次变动加一。",
    "ApplicationsWanted": "哪些申请：政策、辖区、办理中或已办结、结果；`system` 和 `number`：其他系统给的编号。",
    "AskedFor": "还缺的全部材料（只能告知一次）和理由。",
    "DecisionMade": "有效的决定。`conditions`：各条件为 true、false 或 null（没有查明）；`automatic`：完全按规则自动作出。",
    "DecisionWanted": "`outcome`：按这一步能有的结果：`granted`、`refused`、`registered` 或 `forwarded`。",
    "Need": "一份材料和它的状态：`wanted`、`given`、`exempt`（已有登记）、`commitment`（本人承诺）或 `refused`。",
    "NewApplication": "申请什么、为谁申请。\n\n`beneficiary`：为单位申请的，是哪个单位；为本人或其家庭的为 null；"
    "`account`：null 为登记的账户；"
    "`committed`：由本人承诺的材料；`facts`：没有登记的信息，金额为分，日期为 YYYY-MM-DD；`event`：政策要求时，事情发生的那天；"
    "`window`：收件窗口所在辖区；`number`：调用方系统的编号。",
    "PassNote": "写给同事的话。",
    "PaymentMade": "一笔发放。`step`：`planned`、`on_its_way`、`paid`、`failed`、`retained` 或 `withdrawn`；"
    "`day`：到账日，或最早能付的那天；`reason`：为什么没有发出或失败。",
    "PayTo": "付到哪里。收到即加密，任何接口都不再给出。",
    "ReturnReasons": "为什么退回上一步。",
    "Accepted": "由后台接着办理：结果见 `/screenings?programme=…`，也可以订阅 `screening.screened` 推送。",
    "AddedWebhook": "`secret`：只在这次答复中给出；同一请求再次答复时为 null。",
    "Answer": "一个回答。`question`：问题的键；`value`：按问题类型填写，本人说不清的填 null。",
    "AnswersGiven": "为谁而问，以及已有的回答，按回答的先后。",
    "AreaPath": "一个行政区划，连同省以下的各上级。",
    "AreaShape": "一个行政区划。`code`：不带国家代码表补足位数的零。",
    "Assessed": "每项政策的情况，以及最能定下结果的问题；再问也改变不了结果时为 null。",
    "Basis": "所依据的法律或文件。",
    "Brief": "列表中的一个人。",
    "CallDue": "一户。`place`：地名；`alone`：登记为独居。",
    "CaseAnswer": "一个答复。`outcome`：按事项类型取值（异议：`corrected` 或 `kept`；`corrected` 要先录入更正）。"
    "`version`：读到的事项版本。",
    "CaseShape": "居民提出的一件事项。`fact`：异议所指的信息；`on_behalf_of`：由他人代为提出时，是谁的事。",
    "Column": "名单文件的一栏。`headers`：可能使用的各种表头；`fact`：它为规则提供的信息。",
    "Condition": "规则的一个条件，用起草人的话写明。",
    "ConditionExplained": "`holds`：true 或 false；缺信息时为 null。",
    "Counted": "统计数字，连同统计时刻和统计日期；从未统计的为 null。",
    "County": "本人辖区内一个县（市、区）的数目；金额为符合条件者的合计，单位为分。",
    "CountyChange": "草案在一个县（市、区）会改变哪些人，前后各花费多少分。",
    "CountyStanding": "一份名单在一个县（市、区）的情况。`colour`：`red`、`yellow`、`green`，或空（逐人查询）；没有统计的数字为 null。",
    "DayShape": "一天的走访，最急的在前，最多 `limit` 户。`later`：后面还有多少户；`done`：今天已办；`too_wide`：辖区的村多于一天能走完的，"
    "平常走访轮流安排其中几个村。",
    "DeliveryShape": "对外推送的一条消息。`due_at`：等待时下一次尝试的时间；`status_code` 和 `error`：最近一次的结果。",
    "DeterminationShape": "一个人在一项政策下的情况；`until` 之前有效。",
    "Difference": "草案改了什么，逐行列出。`before`：比较的版本，没有的为空；`readable`：草案有错、看不出改动时为 false。",
    "DoubtShape": "报送中的一行。`candidates`：可能指的居民；`household`、`organisation`：其编号所指的户或单位；`asked`：已请部门核实。",
    "DraftBrief": "起草中的一个版本。`base`：起草所依据的已发布版本；"
    "`state`：`editing`、`submitted`、`published` 或 `withdrawn`；`note`：退回的原因。",
    "DraftShape": "一份草案，连同两个文件和其中发现的全部问题。",
    "Explained": "即时得出的结论，逐个条件写明，并写明每项信息来自哪份名单。",
    "FactShape": "一条留痕。",
    "FactTypeShape": "可以推送的一种留痕。`data`：消息中 `data` 的格式（`JSON Schema`）。",
    "FactUsed": "条件读取的一项信息。`who`：本人为空，其他人为成员或亲属的编号；`value`：不知道的为 null。",
    "Fault": "草案中发现的一个问题。`blocks`：它还在时，不能提交（只差主管部门确认的除外），也不能发布。",
    "FileShape": "正在成为一次报送的文件。`plan`：生效时报出它，就按这个结果生效；`counts`：生效后会怎样；`problems`：为什么不能用；"
    "`notes`：错误单元格、存疑行和查无此人的各列前 50 条，已遮盖；`import_id`：生效后的报送。",
    "FileStep": "后台将要办理的一步。用编号查询文件。",
    "GapReason": "为什么缺一项信息，缺在哪里。`reason`：`never`、`partly`、`stale`、`each`、`silent`（名单），`register` 或 `programme`。",
    "GapShape": "一项政策不能确定的人缺的一项信息，及人数。`list`：由哪份名单提供；人口登记和政策自带的表为空。",
    "GrantGiven": "在某个辖区（空为全市）、某项政策（空为全部）上的权限。`valid_to`：从这一天起不再有效。",
    "GrantShape": "在某个辖区（空为全市）、某项政策（空为全部）上的权限。",
    "Housemate": "这个人所在的一户中的另一个人。",
    "ImportShape": "一次已生效的报送。",
    "InboxItem": "一件要办的事。`case`：任务所属的事项；`list` 和 `number`：报送的存疑行；`programme`：待确认的草案。\n\n"
    "`days`：还剩几个工作日，过期为负。",
    "LetterDelivery": "一份通知的一条送达途径。"
    "`status`：`waiting`、`sending`、`sent`、`failed`（见 `error`）、`refused`（本人拒收）、`unreachable` 或 `dropped`。",
    "Line": "比较中的一项，用文字写明；`before` 或 `after` 为 null：那一版没有这一项。`state`：`changed`、`added` 或 `removed`。",
    "ListShape": "本市登记的一份名单。`absence`：不在名单上意味着什么；`every_days`：多少天报送一次。",
    "ListStanding": "一份名单的情况。`rows`、`errors`、`unknown`：只计本人所辖县（市、区）以内、现行有效的报送；没有的为 null。",
    "MadeToken": "`secret`：只在这次答复中给出；同一请求再次答复时为 null。",
    "MailingShape": "一次匹配之后的通知。`state`：`held`（由人在页面上决定）、`released`（正在写）、`done` 或 `dropped`。",
    "Me": "谁在调用，今天能办什么。",
    "Meant": "一个地名在这里指什么：有歧义的列出几个；没有这个地名的，`likely` 列出可能想写的。",
    "MissingFact": "能让多少不能确定的人定下来的一项信息。",
    "Moved": "写入之后草案所处的状态。",
    "Named": "一个条件或一项信息，连同它的文字。",
    "NewCase": "`kind`：`fact_dispute`（名单或人口登记中的信息有误）或 `home_visit`（请人上门）。",
    "NewToken": "新令牌能办什么：不超出当前令牌的权限和期限。",
    "NewVisit": "走访情况。`id`：由设备生成，同一次走访无论发送几次都相同；`occurred_at`：不填为此刻，最早七天之前；"
    "`case`：这次走访所回应的上门申请；"
    "`score`：本人表示的满意程度。",
    "NewWebhook": "推送哪些留痕、哪个辖区的、推送到哪里。",
    "NoticeShape": "一份通知的标题。`programme`：有关账号的通知为空。",
    "Page": "列表的一页。`next`：作为 `after` 传回；到底了为 null。",
    "Paper": "要带的材料。`exempt`：`none`、`data_sharing`（不用带，数据共享）或 `commitment`（签承诺书即可）。",
    "Plan": "看过的检查结果的 `plan`。",
    "PreviewAsked": "由后台办理：用编号查询。",
    "Over": "草案适用的最后一天（已过），之后适用的版本 `by`，没有的为空。",
    "PreviewShape": "用人口数据比较草案与它所接替的版本（`base`，没有的为空）。`state`：`waiting`、`running`、`finished` 或 `failed`；"
    "完成之前数字为 null；"
    "`payments_a_year`：一年发放几次，文件没写的为 0。`day`：比较所用的日期；`snapshot_day`：数据的日期。"
    "`outdated`：另有版本或更新的数据后为 `base` 或 `data`，要重新预演；否则为空。`over`：草案的适用期已过时，最后一天和之后适用的版本。",
    "Problem": "RFC 9457，中英文都有。`title` 和 `detail` 随 `Accept-Language`（以 en 开头的为英文，其余为中文）。",
    "Quality": "一份名单在本人辖区内的情况；`colour` 和 `fresh_until` 为最差的一处，逐人核验的名单 `colour` 为空、`fresh` 为 false；"
    "比率为最近一次报送行数的千分比，从未报送的为 null。报送涉及其他地方的，行数和比率也为 null。",
    "QuestionShape": "要问的一个问题。`type`：信息的类型。金额为分，日期为 YYYY-MM-DD，小数为文本。\n\n"
    "`kind`：`fact`、`holds`（是否已在享受：true 或 false）、`place`（县级六位代码，本市以外为 000000）、`members`（与本人关系的列表）、"
    "`each`（列表：先本人，后各成员）。",
    "Refusal": "应当怎样、实际怎样、哪里不对、下一步怎么办。`place`：字段（如 `answers.0.question`）或文件的单元格。\n\n"
    "`expected_zh`、`found_zh`：供中文读者；是数值的，两者相同。",
    "Report": "一次报送做了什么，试运行则为会做什么。`id`：报送编号，试运行为 null。`notes`：前 200 条，写明单元格。",
    "ResidentShape": "按今天所知的一个人，不含号码；号码见 `/reveal`。",
    "Reveal": "看哪些号码，为本市登记的哪个用途（purposes.yaml）。这次查阅会列给本人看。",
    "Revealed": "完整号码；不知道的为空。",
    "RunShape": "一项政策的一次匹配，数目限本人辖区之内。只看本市一部分的：`not_eligible` 为 null；"
    "之后又有匹配的，`eligible` 和 `undecided` 也为 null"
    "（请按县查询）。",
    "Said": "`same`：就是这个人，`resident` 为候选人之一（编号指户或单位的为 null）；`dismiss`：与本地无关；"
    "`ask`：请部门核实，该行仍待处理。",
    "Seen": "读到的稿次。",
    "Sent": "文件的说明。`whole`：不在文件中的，就不再列入名单；`skip_wrong`：有错的行留给人工，不退回整份文件；"
    "`accept_drop`：允许名单减少一半以上。",
    "SentDraft": "一份政策文件。`examples` 为 null：沿用现有例子；`revision`：读到的草案稿次，null 为不论哪一稿。",
    "SentFile": "文件的说明。`whole`：不在文件中的，就不再列入名单。",
    "Settled": "这一行的处理结果。`resolution`：`matched`、`dismissed`，未处理为空。",
    "SituationShape": "这个人的户籍地、居住地、参保地和就学地。",
    "Source": "一项信息出自哪里：名单（null 为人口登记）和主管部门，从何时起属实，我们从何时起知道；没有出处的为 null。\n\n"
    "`who`：本人为空，否则为所指成员或亲属的编号；`authorised`：尚待其授权的为 false。",
    "StaffShape": "一个账号。`grants`：今天有效的权限；按编号查询一个账号时，为现有和有过的每项权限。",
    "StandingShape": "一项政策的情况：能确定、不能确定或不可能；为什么不可能，还差什么能定。",
    "SubjectShape": "匹配名单上的一个人、一户或一个单位。`name`：已删除的为空。",
    "Summary": "一项现行政策。",
    "TakeUpShape": "人（户、单位）数。`found`：现在符合条件；其中 `invited`（已发通知）、`reached`（已送出或已打开）、`taken`（已在享受；"
    "没有任何享受记录的为 null）；金额为找到者的合计，单位为分。",
    "Text": "中英文文字。",
    "TokenShape": "一个令牌，不含密钥。",
    "Version": "一个已发布的版本。",
    "VisitShape": "已记录的一次走访，不含备注。",
    "Wanted": "`text`：姓名中两个字以上、拼音、首字母，或完整的身份证号或手机号。写在请求内容里，因为代理会记录地址。",
    "WantedScreenings": "对哪些政策作匹配；每项都覆盖全部人口。",
    "PublicationShape": "某一时刻公布的各项政策按季度、县（市、区）的数目。`smallest`：小于它的数不公布；"
    "`digest`：数据和说明先后相连的摘要；"
    "`table`、`metadata`：在公众网站上的地址（CSV、CSVW）。",
    "NearWindow": "从某处、在某一时刻看到的一个窗口。`metres`：直线距离；`items`：办理的事项，空的为全部；"
    "`serves`：是否受理那里的居民，只知道位置时为 null；"
    "`open_until`、`opens_at`：两者之一，一个月内都不办公的两者都没有；"
    "`sure`：节假日安排还可能改变这一天的为 false；`hours`：一周的办公时间；`generated`：演示用的。",
    "Point": "WGS-84 坐标，单位为度。",
    "WebhookShape": "一个推送地址，不含密钥。",
    "Whole": "一个版本，连同它公开的全部内容。`words`：由规则本身写成的文字。",
    "Why": "`kind`：`asked`（有人申请，`case` 为该事项）或 `regular`（平常走访）；`due`：最后期限；`colour`：`red`、`yellow` 或 `green`；"
    "`last`：上一次见到本人的时间。",
}
