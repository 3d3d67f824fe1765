"""What the codes of settlement mean, in Chinese and English."""

from __future__ import annotations

from linli.rules.declare import Label

REASONS = {
    "": Label("", ""),
    "number": Label("账号写法不对", "the account number is malformed"),
    "name_differs": Label("户名与领取人姓名不一致", "the account bears another name"),
    "no_account": Label("没有账户或账号不存在", "there is no such account"),
    "closed": Label("账户已销户", "the account is closed"),
    "frozen": Label("账户冻结或挂失", "the account is frozen or reported lost"),
    "not_reactivated": Label("账户长期不用，需要激活", "the account has to be activated again"),
    "limit": Label("超过账户的收款限额", "above the account's limit"),
    "payee_unknown": Label("领取人不在登记库中", "the registers do not know the payee"),
    "died": Label("领取人已去世", "the payee has died"),
    "unwritable": Label("户名或账号在银行文件里写不下", "name or number cannot be written in the bank's file"),
    "award_ended": Label("给予决定已撤销，不再应发", "the award was annulled, nothing is owed"),
    "paid_before": Label("银行先说失败、后说已付，待查清", "the bank said failed and then paid, to be cleared up"),
    "no_money": Label("资金还没有到位", "the fund has not enough yet"),
    "other": Label("银行退回", "sent back by the bank"),
}
ACCOUNT_STATES = {
    "unchecked": Label("未校验", "not checked"),
    "good": Label("可以付款", "can be paid to"),
    "bad": Label("不能付款", "cannot be paid to"),
}
PAYMENT_STATES = {
    "waiting": Label("待处理", "waiting for an officer"),
    "ready": Label("可以发放", "ready"),
    "ordered": Label("已列入发放文件", "in a bank file"),
    "paid": Label("已到账", "paid"),
    "failed": Label("发放失败，待更正", "failed, to be corrected"),
    "retained": Label("质保金，未到期", "retained"),
    "withdrawn": Label("不再发放", "given up"),
}
INSTRUCTION_STATES = {
    "open": Label("已列入发放文件", "in a bank file"),
    "paid": Label("已到账", "paid"),
    "failed": Label("银行没有付成", "not paid by the bank"),
    "returned": Label("到账后退回", "returned after it was paid"),
    "dropped": Label("文件已作废，没有送银行", "not sent: the file was dropped"),
}
ORDER_STATES = {
    "making": Label("正在编制", "being made"),
    "made": Label("待复核", "to be checked"),
    "released": Label("已复核，待取走", "released"),
    "handed_over": Label("已交银行，等回盘", "handed over, waiting for the bank"),
    "settled": Label("银行已全部答复", "the bank has answered for all"),
    "dropped": Label("已作废", "dropped"),
}
VERDICTS = {
    "": Label("待处理", "waiting"),
    "paid": Label("已到账", "paid"),
    "failed": Label("发放失败", "failed"),
    "returned": Label("到账后退回", "returned after it was paid"),
    "pending": Label("银行处理中", "under way at the bank"),
    "repeated": Label("以前已经答复过，没有变化", "said before, nothing changed"),
    "unknown": Label("没有这个流水号", "no such reference"),
    "duplicate": Label("同一流水号出现多次", "the reference stands in the file more than once"),
    "contradicted": Label("与银行以前的答复矛盾", "contradicts what the bank said before"),
    "amount": Label("金额与发放文件不同", "another amount than was asked"),
    "account": Label("账号尾号与发放文件不同", "another account than was asked"),
    "code": Label("银行代码没有约定", "a code that was not agreed"),
    "unreadable": Label("这一行读不懂", "the row cannot be read"),
    "not_handed_over": Label("这个发放文件还没有交给银行", "this file has not been handed over"),
    "spent": Label("无法记账", "could not be posted"),
}
CHECK_VERDICTS = {
    **VERDICTS,
    "good": Label("账户可用", "the account is good"),
    "bad": Label("账户不可用", "the account is not good"),
    "account": Label("账号尾号与核验文件不同", "another account than was asked about"),
}
INQUIRY_STATES = {
    **ORDER_STATES,
    "made": Label("待取走", "to be handed over"),
    "settled": Label("银行已全部答复", "the bank has answered for all"),
}
WARNINGS = {
    "count": Label("文件写明的笔数与实际行数不同", "the file's own count is not its number of rows"),
    "total": Label("文件写明的总额与各行之和不同", "the file's own total is not the sum of its rows"),
    "cut_short": Label("文件没有结尾，可能不完整", "the file has no end and may be cut short"),
    "head": Label("文件头或文件尾读不懂", "head or tail of the file cannot be read"),
}
