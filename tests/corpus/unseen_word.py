"""Unseen plans that come as Word files, PDF and scan: what stands in them and what must be found."""
# ruff: noqa: E501
# A row of a table stays on one line, or it cannot be checked against its document.
# fmt: off

from __future__ import annotations

from tests.corpus.drawing import ABOVE, LEFT, Appendix, Plan
from tests.corpus.expecting import (
    HALF,
    MONTHLY,
    ONGOING,
    QUARTERLY,
    UNSTATED,
    WEEKLY,
    YEARLY,
    Json,
    duty,
    expected,
    indicator,
    report,
    rule,
    task,
    within,
    years,
)

Document = tuple[Plan, Json]


def nghe_an() -> Document:
    """Administrative reform: landscape, heads over two rows, a numbering row, groups, ordinals like 1.1, four regimes."""
    title = "Cải cách hành chính nhà nước năm 2026 trên địa bàn tỉnh Nghệ An"
    goals = (
        "Tối thiểu 98% hồ sơ thủ tục hành chính được giải quyết đúng hạn hoặc trước hạn.",
        "Trên 85% hồ sơ được người dân nộp trực tuyến toàn trình.",
        "Tỷ lệ hồ sơ trễ hạn dưới 1,5%.",
        "Ít nhất 12 sáng kiến cải cách hành chính được công nhận cấp tỉnh.",
    )
    body = (
        "Căn cứ Nghị quyết số 76/NQ-CP ngày 15 tháng 7 năm 2021 của Chính phủ ban hành Chương trình tổng thể cải cách hành chính nhà nước giai đoạn 2021 - 2030;",
        "Thực hiện Quyết định số 4121/QĐ-UBND ngày 09/12/2025 của Ủy ban nhân dân tỉnh về Chương trình công tác năm 2026;",
        "Xét đề nghị của Giám đốc Sở Nội vụ, Ủy ban nhân dân tỉnh ban hành Kế hoạch với những nội dung sau:",
        "I. MỤC ĐÍCH, YÊU CẦU",
        "1. Mục đích",
        "Rút ngắn thời gian người dân phải chờ ở quầy tiếp nhận, làm rõ ai chịu trách nhiệm từng khâu.",
        "2. Yêu cầu",
        "Mỗi nhiệm vụ có một cơ quan chịu trách nhiệm chính, có sản phẩm và có hạn.",
        "II. MỤC TIÊU NĂM 2026",
        *(f"- {goal}" for goal in goals),
        "III. NHIỆM VỤ",
        "Chi tiết tại Phụ lục ban hành kèm theo Kế hoạch này.",
        "IV. TỔ CHỨC THỰC HIỆN",
        "1. Các sở, ban, ngành; UBND các xã, phường căn cứ Kế hoạch này xây dựng kế hoạch của đơn vị mình.",
        "2. Định kỳ hằng quý (trước ngày 10 của tháng cuối quý), 6 tháng (trước ngày 10/6) và hằng năm (trước ngày 05/12) hoặc đột xuất khi có yêu cầu, các cơ quan, đơn vị báo cáo kết quả thực hiện về Sở Nội vụ.",
        "3. Sở Nội vụ theo dõi, đôn đốc; tổng hợp, báo cáo Bộ Nội vụ và UBND tỉnh trước ngày 15 tháng 12 hằng năm./.",
    )
    t = (
        "Sửa đổi quy chế làm việc của UBND tỉnh theo mô hình chính quyền địa phương hai cấp",
        "Rà soát văn bản quy phạm pháp luật còn dẫn chiếu cấp huyện",
        "Tái cấu trúc quy trình 45 thủ tục hành chính có nhiều hồ sơ nhất",
        "Đối thoại giữa lãnh đạo tỉnh với người dân, doanh nghiệp về thủ tục hành chính",
        "Mở thêm quầy hỗ trợ nộp hồ sơ trực tuyến tại 30 nhà văn hóa thôn",
        "Thí điểm trả kết quả tại nhà đối với người cao tuổi",
        "Đánh giá mức độ hài lòng của người dân",
    )
    rows = (
        ("STT", "Nội dung công việc", "Phân công", LEFT, "Sản phẩm đầu ra", "Thời hạn hoàn thành"),
        (ABOVE, ABOVE, "Cơ quan chủ trì", "Cơ quan phối hợp", ABOVE, ABOVE),
        ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)"),
        ("I. CẢI CÁCH THỂ CHẾ", LEFT, LEFT, LEFT, LEFT, LEFT),
        ("1.1", t[0], "Văn phòng UBND tỉnh", "Sở Nội vụ, Sở Tư pháp", "Quyết định của UBND tỉnh", "Quý I/2026"),
        ("1.2", t[1], "Sở Tư pháp", "Các sở, ban, ngành", "Báo cáo rà soát", "Trước ngày 01/7/2026"),
        ("II. CẢI CÁCH THỦ TỤC HÀNH CHÍNH", LEFT, LEFT, LEFT, LEFT, LEFT),
        ("2.1", t[2], "Văn phòng UBND tỉnh", "Các sở, ban, ngành; UBND các xã, phường", "Quyết định công bố quy trình", "Tham mưu: tháng 3/2026; Ban hành: Quý II/2026"),
        ("2.2", t[3], "Văn phòng UBND tỉnh", "Sở Tài chính và Hiệp hội Doanh nghiệp tỉnh", "02 hội nghị", "6 tháng/lần"),
        ("2.3", t[4], "Sở Khoa học và Công nghệ", "Tỉnh đoàn Nghệ An; UBND các xã, phường", "Quầy hỗ trợ hoạt động", "Từ tháng 4/2026 đến tháng 9/2026"),
        ("2.4", t[5], "Trung tâm Phục vụ hành chính công tỉnh", "Bưu điện tỉnh", "", "Sau khi có hướng dẫn của Văn phòng Chính phủ"),
        ("III. THEO DÕI, ĐÁNH GIÁ", LEFT, LEFT, LEFT, LEFT, LEFT),
        ("3.1", t[6], "Sở Nội vụ", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "Báo cáo chỉ số hài lòng", "Hằng năm"),
    )
    recipients = ("Bộ Nội vụ", "Thường trực Tỉnh ủy, HĐND tỉnh", "Các sở, ban, ngành cấp tỉnh", "UBND các xã, phường", "Lưu: VT, NC (Phương)")
    appendix = Appendix(("PHỤ LỤC", "NHIỆM VỤ CẢI CÁCH HÀNH CHÍNH NĂM 2026"), "(Kèm theo Kế hoạch số 112/KH-UBND ngày 12/01/2026 của UBND tỉnh Nghệ An)", rows, (1.5, 8, 4.2, 4.5, 3.8, 3.7), header=3, landscape=True)
    plan = Plan("ỦY BAN NHÂN DÂN", "TỈNH NGHỆ AN", "Số: 112/KH-UBND", "Nghệ An, ngày 12 tháng 01 năm 2026", title, body, recipients, ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "Đặng Thế Quyền", (appendix,))
    office = "Văn phòng UBND tỉnh"
    tasks = [
        task(t[0], office, "Sở Nội vụ|Sở Tư pháp", within("2026-01-01", "2026-03-31"), "Quyết định của UBND tỉnh"),
        task(t[1], "Sở Tư pháp", "Các sở, ban, ngành", rule("by", by="2026-07-01"), "Báo cáo rà soát"),
        task(t[2], office, "Các sở, ban, ngành|UBND các xã, phường", [within("2026-03-01", "2026-03-31", label="Tham mưu"), within("2026-04-01", "2026-06-30", label="Ban hành")], "Quyết định công bố quy trình"),
        task(t[3], office, "Sở Tài chính|Hiệp hội Doanh nghiệp tỉnh", HALF, "02 hội nghị"),
        task(t[4], "Sở Khoa học và Công nghệ", "Tỉnh đoàn Nghệ An|UBND các xã, phường", rule("range", "2026-04-01", "2026-09-30"), "Quầy hỗ trợ hoạt động"),
        task(t[5], "Trung tâm Phục vụ hành chính công tỉnh", "Bưu điện tỉnh", rule("after_event", event="có hướng dẫn của Văn phòng Chính phủ")),
        task(t[6], "Sở Nội vụ", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", YEARLY, "Báo cáo chỉ số hài lòng"),
    ]
    found = expected(
        {"number": "112/KH-UBND", "issued_on": "2026-01-12", "title": title, "authority": "UBND tỉnh Nghệ An", "province": "Nghệ An", "signed_by": "Đặng Thế Quyền", "legal_bases": [("76/NQ-CP", "2021-07-15"), ("4121/QĐ-UBND", "2025-12-09")]},
        "Sở Nội vụ",
        tasks,
        indicators=[indicator(2026, 98, goals[0]), indicator(2026, 85, goals[1], ">"), indicator(2026, 1.5, goals[2], "<"), indicator(2026, 12, goals[3], unit=None)],
        reporting=[
            report("units", "Sở Nội vụ", "quarterly", "03-10,06-10,09-10,12-10", on_request=True),
            report("units", "Sở Nội vụ", "half_yearly", "06-10", on_request=True),
            report("units", "Sở Nội vụ", "yearly", "12-05", on_request=True),
            report("lead", "Bộ Nội vụ|UBND tỉnh", "yearly", "12-15"),
        ],
        recipients=list(recipients[:-1]),
    )
    return plan, found


def thanh_hoa() -> Document:
    """Digital transformation as PDF: time before owners, no result, a table over several pages whose heads repeat."""
    title = "Chuyển đổi số tỉnh Thanh Hóa giai đoạn 2026 - 2030"
    goals = (
        "100% cán bộ, công chức cấp xã được bồi dưỡng kỹ năng số cơ bản;",
        "80% dân số trưởng thành có tài khoản định danh điện tử mức độ 2;",
        "100% cơ quan nhà nước kết nối nền tảng chia sẻ dữ liệu của tỉnh;",
        "Phấn đấu 25% tổng sản phẩm trên địa bàn do kinh tế số đóng góp.",
    )
    body = (
        "Căn cứ Luật Tổ chức chính quyền địa phương năm 2025;",
        "Căn cứ Quyết định số 749/QĐ-TTg ngày 03/6/2020 của Thủ tướng Chính phủ phê duyệt Chương trình Chuyển đổi số quốc gia đến năm 2025, định hướng đến năm 2030;",
        "Căn cứ Nghị quyết số 57-NQ/TW ngày 22/12/2024 của Bộ Chính trị;",
        "UBND tỉnh Thanh Hóa ban hành Kế hoạch như sau:",
        "I. MỤC TIÊU",
        "1. Đến năm 2027",
        *(f"- {goal}" for goal in goals[:2]),
        "2. Đến năm 2030",
        *(f"- {goal}" for goal in goals[2:]),
        "II. NHIỆM VỤ TRỌNG TÂM",
        "Danh mục nhiệm vụ nêu tại Phụ lục.",
        "III. KINH PHÍ",
        "Kinh phí lấy từ nguồn sự nghiệp khoa học, công nghệ và các nguồn hợp pháp khác, mỗi năm lập dự toán cùng kỳ với ngân sách tỉnh.",
        "IV. TỔ CHỨC THỰC HIỆN",
        "1. Các sở, ban, ngành, UBND các xã, phường gửi báo cáo kết quả về UBND tỉnh (qua Sở Khoa học và Công nghệ) trước ngày 20 tháng 11 hằng năm.",
        "2. Sở Khoa học và Công nghệ là cơ quan thường trực, đôn đốc việc thực hiện Kế hoạch; tổng hợp, báo cáo Bộ Khoa học và Công nghệ trước ngày 05/12 hằng năm.",
        "Trong quá trình thực hiện nếu phát sinh khó khăn, các đơn vị phản ánh về Sở Khoa học và Công nghệ để được hướng dẫn./.",
    )
    stc, skh, ca = "Sở Tài chính", "Sở Khoa học và Công nghệ", "Công an tỉnh"
    data = (
        ("Ban hành danh mục dữ liệu mở của tỉnh và lịch cập nhật từng bộ dữ liệu", "Quý III/2026", skh, "Các sở, ban, ngành"),
        ("Nâng cấp trung tâm dữ liệu tỉnh, bảo đảm chạy dự phòng ở hai địa điểm cách nhau trên 20 km và diễn tập chuyển đổi mỗi năm một lần", "2026-2028", skh, "Sở Tài chính; Công an tỉnh; VNPT Thanh Hóa"),
        ("Phủ sóng di động các thôn còn lõm sóng ở vùng núi phía tây", "Trước ngày 31/12/2027", skh, "UBND các xã, phường; các doanh nghiệp viễn thông"),
        ("Đưa hồ sơ sức khỏe điện tử của người dân lên ứng dụng định danh", "Thường xuyên", "Sở Y tế", "Công an tỉnh; Bảo hiểm xã hội tỉnh"),
        ("Học bạ số ở toàn bộ trường tiểu học, tiếp đó là trung học cơ sở", "Năm 2026: tiểu học; năm 2027: trung học cơ sở", "Sở Giáo dục và Đào tạo", "UBND các xã, phường"),
        ("Bản đồ số về nguồn gốc nông sản của các hợp tác xã", "2027 - 2030", "Sở Nông nghiệp và Môi trường", "Liên minh Hợp tác xã tỉnh; Sở Công Thương"),
        ("Bồi dưỡng tổ công nghệ số cộng đồng theo tài liệu dùng chung, có kiểm tra cuối khóa và cấp giấy chứng nhận cho người đạt yêu cầu", "Hằng năm", skh, "Tỉnh đoàn; Hội Liên hiệp Phụ nữ tỉnh"),
        ("Xây dựng cơ chế thuê dịch vụ công nghệ thông tin theo kết quả đầu ra", "Tháng 8/2026", stc, skh),
        ("Kiểm tra an toàn thông tin các hệ thống cấp độ 3 trở lên", "Hằng quý", ca, "Các cơ quan, đơn vị liên quan"),
        ("Số hóa sổ hộ tịch lịch sử còn lại tại các xã miền núi, đối chiếu với cơ sở dữ liệu quốc gia về dân cư trước khi khai thác", "Xong trong Quý II/2027", "Sở Tư pháp", "Công an tỉnh; UBND các xã, phường"),
        ("Thanh toán không dùng tiền mặt tại chợ hạng 1, hạng 2", "Đến hết năm 2027 (phấn đấu)", "Sở Công Thương", "Ngân hàng Nhà nước chi nhánh Khu vực 7"),
        ("Sơ kết giữa kỳ việc thực hiện Kế hoạch", "", skh, "Các sở, ban, ngành; UBND các xã, phường"),
    )
    times = [
        within("2026-07-01", "2026-09-30"), years(2026, 2028), rule("by", by="2027-12-31"), ONGOING,
        [within("2026-01-01", "2026-12-31", label="tiểu học"), within("2027-01-01", "2027-12-31", label="trung học cơ sở")],
        years(2027, 2030), YEARLY, within("2026-08-01", "2026-08-31"), QUARTERLY, within("2027-04-01", "2027-06-30"),
        within(None, "2027-12-31", soft=True), UNSTATED,
    ]
    rows = (
        ("TT", "Nhiệm vụ", "Thời gian thực hiện", "Đơn vị chủ trì", "Đơn vị phối hợp"),
        *((str(n), what, when, lead, others) for n, (what, when, lead, others) in enumerate(data, start=1)),
    )
    recipients = ("Bộ Khoa học và Công nghệ (để b/c)", "Thường trực Tỉnh ủy (để b/c)", "Chủ tịch, các Phó Chủ tịch UBND tỉnh", "Các sở, ban, ngành cấp tỉnh", "Lưu: VT, CNXDKH")
    appendix = Appendix(("PHỤ LỤC", "DANH MỤC NHIỆM VỤ CHUYỂN ĐỔI SỐ GIAI ĐOẠN 2026 - 2030"), "(Ban hành kèm theo Kế hoạch số 27/KH-UBND ngày 03/02/2026 của UBND tỉnh)", rows, (1.1, 5, 3.3, 3.2, 3.4))
    plan = Plan("ỦY BAN NHÂN DÂN", "TỈNH THANH HÓA", "Số: 27/KH-UBND", "Thanh Hóa, ngày 03 tháng 02 năm 2026", title, body, recipients, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Lê Bá Thuyên", (appendix,))
    split = [others.replace("; ", "|") for *_, others in data]
    tasks = [task(what, lead, others, time) for (what, _, lead, _), others, time in zip(data, split, times, strict=True)]
    found = expected(
        {"number": "27/KH-UBND", "issued_on": "2026-02-03", "title": title, "authority": "UBND tỉnh Thanh Hóa", "province": "Thanh Hóa", "signed_by": "Lê Bá Thuyên", "legal_bases": [("749/QĐ-TTg", "2020-06-03"), ("57-NQ/TW", "2024-12-22")]},
        skh,
        tasks,
        indicators=[indicator(2027, 100, goals[0]), indicator(2027, 80, goals[1]), indicator(2030, 100, goals[2]), indicator(2030, 25, goals[3])],
        reporting=[report("units", "UBND tỉnh", "yearly", "11-20", via=skh), report("lead", "Bộ Khoa học và Công nghệ", "yearly", "12-05")],
        recipients=list(recipients[:-1]),
    )
    return plan, found


def ca_mau() -> Document:
    """Fire prevention, no appendix: headings that Word numbers itself, lettered duties, a weekly report with an hour."""
    title = "Bảo đảm an toàn phòng cháy, chữa cháy rừng tràm và khu dân cư mùa khô năm 2026"
    d = (
        "Chủ trì, phối hợp với Sở Nông nghiệp và Môi trường, Bộ Chỉ huy Quân sự tỉnh rà soát phương án chữa cháy của 18 điểm rừng có nguy cơ cao, hoàn thành trước ngày 15/02/2026.",
        "Kiểm tra an toàn điện tại các chợ, nhà trọ, cơ sở sản xuất xen lẫn nhà ở; lập danh sách cơ sở vi phạm và công khai hằng tháng.",
        "Đề xuất trang bị thêm máy bơm nổi cho lực lượng tại chỗ sau khi được cấp kinh phí.",
        "Thường xuyên cập nhật bản đồ cấp dự báo cháy rừng và gửi các địa phương.",
        "Phối hợp với Công an tỉnh và các đơn vị có liên quan đắp đập giữ nước ở vùng lõi Vườn quốc gia U Minh Hạ trong tháng 01/2026.",
        "Bố trí kinh phí thực hiện Kế hoạch trong dự toán được giao.",
        "Vận động mỗi hộ gia đình có một bình chữa cháy và một dụng cụ phá dỡ.",
        "Thành lập tổ liên gia an toàn ở các tuyến dân cư đông, xong trong quý I/2026.",
        "Tuyên truyền trong đoàn viên, hội viên; giám sát việc thực hiện ở cơ sở.",
    )
    heads = ("Công an tỉnh", "Sở Nông nghiệp và Môi trường", "Sở Tài chính", "Ủy ban nhân dân các xã, phường", "Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh, Tỉnh đoàn")
    body = (
        "Căn cứ Luật Phòng cháy, chữa cháy và cứu nạn, cứu hộ ngày 29 tháng 11 năm 2024;",
        "Thực hiện Chỉ thị số 19/CT-TTg ngày 02/7/2025 của Thủ tướng Chính phủ về tăng cường phòng cháy trong tình hình mới,",
        "Ủy ban nhân dân tỉnh Cà Mau ban hành Kế hoạch như sau:",
        "I. MỤC TIÊU",
        "- Không để xảy ra cháy lớn gây thiệt hại về người.",
        "- 100% khu dân cư có nguy cơ cao được kiểm tra trong năm 2026.",
        "- Ít nhất 40 tổ liên gia an toàn phòng cháy được thành lập mới trong năm 2026.",
        "II. TỔ CHỨC THỰC HIỆN",
        heads[0],
        f"a) {d[0]}",
        f"b) {d[1]}",
        f"c) {d[2]}",
        heads[1],
        f"a) {d[3]}",
        f"b) {d[4]}",
        heads[2],
        d[5],
        heads[3],
        f"- {d[6]}",
        f"- {d[7]}",
        heads[4],
        d[8],
        "Trong thời gian cao điểm, các đơn vị báo cáo kết quả hằng tuần về Công an tỉnh trước 16 giờ 00 ngày thứ Sáu; Công an tỉnh tổng hợp, báo cáo Ủy ban nhân dân tỉnh trước ngày 30/5/2026./.",
    )
    recipients = ("Bộ Công an", "Thường trực Tỉnh ủy", "Thường trực HĐND tỉnh", "Các sở, ban, ngành tỉnh", "UBND các xã, phường", "Lưu: VT, NC")
    plan = Plan("ỦY BAN NHÂN DÂN", "TỈNH CÀ MAU", "Số: 08/KH-UBND", "Cà Mau, ngày 08 tháng 01 năm 2026", title, body, recipients, ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "Huỳnh Mộc Lan", numbered=frozenset(heads))
    ca, snn, xa, mt = "Công an tỉnh", "Sở Nông nghiệp và Môi trường", "Ủy ban nhân dân các xã, phường", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh|Tỉnh đoàn"
    tasks = [
        duty(ca, d[0], "Sở Nông nghiệp và Môi trường|Bộ Chỉ huy Quân sự tỉnh", rule("by", by="2026-02-15")),
        duty(ca, d[1], "", MONTHLY),
        duty(ca, d[2], "", rule("after_event", event="được cấp kinh phí")),
        duty(snn, d[3], "", ONGOING),
        duty(snn, d[4], "Công an tỉnh|các đơn vị có liên quan", within("2026-01-01", "2026-01-31")),
        duty("Sở Tài chính", d[5]),
        duty(xa, d[6]),
        duty(xa, d[7], "", within("2026-01-01", "2026-03-31")),
        duty(mt, d[8]),
    ]
    found = expected(
        {"number": "08/KH-UBND", "issued_on": "2026-01-08", "title": title, "authority": "UBND tỉnh Cà Mau", "province": "Cà Mau", "signed_by": "Huỳnh Mộc Lan", "legal_bases": [("19/CT-TTg", "2025-07-02")]},
        ca,
        tasks,
        indicators=[indicator(2026, 100, body[5].removeprefix("- ")), indicator(2026, 40, body[6].removeprefix("- "), unit=None)],
        reporting=[report("units", ca, "weekly", "5T16:00"), report("lead", "Ủy ban nhân dân tỉnh", None, "05-30")],
        recipients=list(recipients[:-1]),
    )
    return plan, found


def hai_phong() -> Document:
    """Reading culture: targets in a table of their own, owners in cells joined over rows, result before owner."""
    title = "Phát triển văn hóa đọc trong cộng đồng thành phố Hải Phòng đến năm 2030"
    body = (
        "Căn cứ Luật Thư viện ngày 21 tháng 11 năm 2019;",
        "Căn cứ Quyết định số 329/QĐ-TTg ngày 15/3/2017 của Thủ tướng Chính phủ phê duyệt Đề án Phát triển văn hóa đọc trong cộng đồng;",
        "Theo đề nghị của Giám đốc Sở Văn hóa, Thể thao và Du lịch tại Tờ trình số 88/TTr-SVHTTDL ngày 14/4/2026,",
        "Ủy ban nhân dân thành phố ban hành Kế hoạch:",
        "I. MỤC TIÊU",
        "Các chỉ tiêu cụ thể nêu tại Phụ lục I.",
        "II. NHIỆM VỤ",
        "Phân công nhiệm vụ nêu tại Phụ lục II.",
        "III. TỔ CHỨC THỰC HIỆN",
        "1. Sở Văn hóa, Thể thao và Du lịch chịu trách nhiệm hướng dẫn, đôn đốc; tổng hợp tình hình, báo cáo Ủy ban nhân dân thành phố trước ngày 20/12 hằng năm.",
        "2. Các sở, ngành, địa phương gửi báo cáo về Sở Văn hóa, Thể thao và Du lịch trước ngày 10/12 hằng năm và khi có yêu cầu./.",
    )
    targets = ("Thư viện công cộng có dịch vụ mượn sách trực tuyến", "Trường phổ thông có thư viện đạt chuẩn", "Tủ sách khu công nghiệp")
    first = Appendix(
        ("PHỤ LỤC I", "CHỈ TIÊU PHÁT TRIỂN VĂN HÓA ĐỌC"),
        "(Kèm theo Kế hoạch số 195/KH-UBND ngày 22/4/2026 của UBND thành phố)",
        (("TT", "Chỉ tiêu", "Đơn vị tính", "Năm 2027", "Năm 2030"), ("1", targets[0], "%", "60", "100"), ("2", targets[1], "%", "85", "95"), ("3", targets[2], "tủ sách", "15", "40")),
        (1.2, 7.5, 2.5, 2.3, 2.3),
    )
    s, g, x = "Sở Văn hóa, Thể thao và Du lịch", "Sở Giáo dục và Đào tạo", "UBND các xã, phường, đặc khu"
    t = ("Mở cổng mượn sách liên thư viện", "Luân chuyển sách về các đảo bằng tàu của lực lượng biên phòng", "Tổ chức Ngày Sách và Văn hóa đọc", "Đưa tiết đọc sách vào thời khóa biểu tiểu học", "Thi kể chuyện theo sách", "Xếp lịch xe thư viện lưu động")
    second = Appendix(
        ("PHỤ LỤC II", "PHÂN CÔNG NHIỆM VỤ"),
        "(Kèm theo Kế hoạch số 195/KH-UBND ngày 22/4/2026 của UBND thành phố)",
        (
            ("Số TT", "Nhiệm vụ, giải pháp", "Kết quả đạt được", "Sở, ngành chủ trì", "Phối hợp", "Tiến độ", "Ghi chú"),
            ("1", t[0], "Cổng hoạt động, có ít nhất 20 thư viện tham gia", s, "Sở Khoa học và Công nghệ,\nThư viện thành phố", "Trước quý IV năm 2026", ""),
            ("2", t[1], "Mỗi tháng một chuyến", ABOVE, "Bộ đội Biên phòng thành phố", "trước ngày 18 hằng tháng", "Mùa bão được hoãn"),
            ("3", t[2], "Ngày hội cấp thành phố", ABOVE, "Các sở, ban, ngành và UBND các xã, phường", "Tháng 4 hằng năm", ""),
            ("4", t[3], "Thời khóa biểu năm học", g, "Các trường tiểu học", "Sau khi Bộ Giáo dục và Đào tạo ban hành hướng dẫn", ""),
            ("5", t[4], "Cuộc thi cấp thành phố", ABOVE, "Thành đoàn Hải Phòng;\nBáo và Phát thanh, Truyền hình Hải Phòng", "Năm 2027, năm 2029", ""),
            ("6", t[5], "Lịch công bố công khai", x, "Thư viện thành phố", "Hàng tuần", ""),
        ),
        (1.2, 5.5, 4.2, 4, 4.5, 3.5, 2.5),
        landscape=True,
    )
    recipients = ("Bộ VHTTDL", "TT TU, TT HĐND TP", "CT, các PCT UBND TP", "Các sở, ban, ngành TP", "UBND các xã, phường, đặc khu", "Lưu: VT, VX2")
    plan = Plan("ỦY BAN NHÂN DÂN", "THÀNH PHỐ HẢI PHÒNG", "Số: 195/KH-UBND", "Hải Phòng, ngày 22 tháng 4 năm 2026", title, body, recipients, ("TM. ỦY BAN NHÂN DÂN", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH"), "Vũ Tường Vi Oanh", (first, second))
    tasks = [
        task(t[0], s, "Sở Khoa học và Công nghệ|Thư viện thành phố", rule("by", by="2026-10-01"), "Cổng hoạt động, có ít nhất 20 thư viện tham gia"),
        task(t[1], s, "Bộ đội Biên phòng thành phố", MONTHLY, "Mỗi tháng một chuyến"),
        task(t[2], s, "Các sở, ban, ngành|UBND các xã, phường", YEARLY, "Ngày hội cấp thành phố"),
        task(t[3], g, "Các trường tiểu học", rule("after_event", event="Bộ Giáo dục và Đào tạo ban hành hướng dẫn"), "Thời khóa biểu năm học"),
        task(t[4], g, "Thành đoàn Hải Phòng|Báo và Phát thanh, Truyền hình Hải Phòng", [within("2027-01-01", "2027-12-31"), within("2029-01-01", "2029-12-31")], "Cuộc thi cấp thành phố"),
        task(t[5], x, "Thư viện thành phố", WEEKLY, "Lịch công bố công khai"),
    ]
    figures = [(2027, 60, 0, "%"), (2030, 100, 0, "%"), (2027, 85, 1, "%"), (2030, 95, 1, "%"), (2027, 15, 2, "tủ sách"), (2030, 40, 2, "tủ sách")]
    found = expected(
        {"number": "195/KH-UBND", "issued_on": "2026-04-22", "title": title, "authority": "UBND thành phố Hải Phòng", "province": "Hải Phòng", "signed_by": "Vũ Tường Vi Oanh", "legal_bases": [("329/QĐ-TTg", "2017-03-15")]},
        s,
        tasks,
        indicators=[{"horizon": year, "subject": targets[n], "comparator": ">=", "value": value, "unit": unit} for year, value, n, unit in figures],
        reporting=[report("lead", "Ủy ban nhân dân thành phố", "yearly", "12-20"), report("units", s, "yearly", "12-10", on_request=True)],
        recipients=list(recipients[:-1]),
    )
    return plan, found


def tuyen_quang() -> Document:
    """Two scanned pages with a ruled table: press in the ethnic languages."""
    title = "Nâng cao chất lượng thông tin báo chí bằng tiếng dân tộc tỉnh Tuyên Quang năm 2026"
    goals = ("100% xã vùng cao có điểm nghe chương trình phát thanh tiếng Mông;", "Tối thiểu 300 giờ phát sóng tiếng Tày trong năm.")
    body = (
        "Căn cứ Quyết định số 348/QĐ-TTg ngày 06/4/2023 của Thủ tướng Chính phủ,",
        "Ủy ban nhân dân tỉnh Tuyên Quang ban hành Kế hoạch như sau:",
        "I. MỤC TIÊU NĂM 2026",
        *(f"- {goal}" for goal in goals),
        "II. TỔ CHỨC THỰC HIỆN",
        "1. Nhiệm vụ cụ thể nêu tại Phụ lục kèm theo.",
        "2. Các đơn vị báo cáo kết quả về Sở Văn hóa, Thể thao và Du lịch trước ngày 25/11 hằng năm để tổng hợp, báo cáo Ủy ban nhân dân tỉnh trước ngày 10/12.",
    )
    s, b = "Sở Văn hóa, Thể thao và Du lịch", "Báo và Phát thanh, Truyền hình tỉnh"
    t = ("Tuyển cộng tác viên biết tiếng Mông, tiếng Dao", "Sản xuất chương trình hỏi đáp pháp luật song ngữ", "Sửa chữa cụm loa tại các xã biên giới", "Khảo sát nhu cầu người nghe")
    appendix = Appendix(
        ("PHỤ LỤC", "NHIỆM VỤ NĂM 2026"),
        "(Kèm theo Kế hoạch số 61/KH-UBND ngày 16/3/2026)",
        (
            ("TT", "Nội dung", "Cơ quan chủ trì", "Cơ quan phối hợp", "Sản phẩm", "Thời gian"),
            ("1", t[0], b, "Sở Dân tộc và Tôn giáo", "Danh sách cộng tác viên", "Quý II/2026"),
            ("2", t[1], b, "Sở Tư pháp", "24 chương trình", "Hằng tháng"),
            ("3", t[2], s, "UBND các xã", "Cụm loa hoạt động", "Trước ngày 30/9/2026"),
            ("4", t[3], s, "Các cơ quan báo chí", "Báo cáo khảo sát", "Hằng năm"),
        ),
        (1.1, 4.2, 3.1, 2.8, 2.5, 3.2),
    )
    recipients = ("Bộ VHTTDL", "Thường trực Tỉnh ủy", "Các sở, ban, ngành", "Lưu: VT, KGVX")
    plan = Plan("ỦY BAN NHÂN DÂN", "TỈNH TUYÊN QUANG", "Số: 61/KH-UBND", "Tuyên Quang, ngày 16 tháng 3 năm 2026", title, body, recipients, ("TM. ỦY BAN NHÂN DÂN", "CHỦ TỊCH"), "Ma Thế Thuận", (appendix,))
    tasks = [
        task(t[0], b, "Sở Dân tộc và Tôn giáo", within("2026-04-01", "2026-06-30"), "Danh sách cộng tác viên"),
        task(t[1], b, "Sở Tư pháp", MONTHLY, "24 chương trình"),
        task(t[2], s, "UBND các xã", rule("by", by="2026-09-30"), "Cụm loa hoạt động"),
        task(t[3], s, "Các cơ quan báo chí", YEARLY, "Báo cáo khảo sát"),
    ]
    found = expected(
        {"number": "61/KH-UBND", "issued_on": "2026-03-16", "title": title, "authority": "UBND tỉnh Tuyên Quang", "province": "Tuyên Quang", "signed_by": "Ma Thế Thuận", "legal_bases": [("348/QĐ-TTg", "2023-04-06")]},
        s,
        tasks,
        indicators=[indicator(2026, 100, goals[0]), indicator(2026, 300, goals[1], unit=None)],
        reporting=[report("units", s, "yearly", "11-25"), report("lead", "Ủy ban nhân dân tỉnh", "yearly", "12-10")],
        recipients=list(recipients[:-1]),
    )
    return plan, found
